// The types whose nibbles choose from a table; quant/iq4.cc describes their blocks.
//
// Panel group of up to 8 blocks of IQ4_NL or MXFP4:
//   a block each: 4 lines of 64 bytes; line j holds, for row r at 4 r, bytes 4 j .. 4 j + 3 of the
//   nibbles
//   a block each: 16 fp16 d (IQ4_NL) or 16 bytes e (MXFP4), a row each
//
// Panel group of one block of IQ4_XS:
//   32 lines of 64 bytes; line i holds, for row r at 4 r, bytes 4 i .. 4 i + 3 of the nibbles
//   4 x 16 bytes: byte i of the scales' lower bits, a row each
//   2 x 16 bytes: byte i of their upper bits, a row each
//   16 fp16 d, a row each
#include "kernels/layout/pieces.h"

namespace ledge {
namespace {

template <TensorType kOfType, int kScaleBytes>
struct BlocksOf32 {
  static constexpr TensorType kType = kOfType;
  static constexpr uint32_t kBlockValues = 32;
  static constexpr uint32_t kBlockBytes = kScaleBytes + 16;
  static constexpr uint8_t kFlip = 0;

  static void Group(uint32_t values, auto&& piece) {
    const uint32_t blocks = values / kBlockValues;
    for (uint32_t b = 0; b < blocks; ++b) {
      for (uint32_t j = 0; j < 4; ++j)
        piece.template operator()<4>(b * kBlockBytes + kScaleBytes + 4 * j);
    }
    for (uint32_t b = 0; b < blocks; ++b) piece.template operator()<kScaleBytes>(b * kBlockBytes);
  }
};

struct Iq4XsLayout {
  static constexpr TensorType kType = TensorType::kIQ4_XS;
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 136;
  static constexpr uint8_t kFlip = 0;

  static void Group(uint32_t, auto&& piece) {
    for (uint32_t i = 0; i < 32; ++i) piece.template operator()<4>(8 + 4 * i);
    for (uint32_t i = 0; i < 4; ++i) piece.template operator()<1>(4 + i);
    for (uint32_t i = 0; i < 2; ++i) piece.template operator()<1>(2 + i);
    piece.template operator()<2>(0);
  }
};

}  // namespace

const PanelLayout kIq4NlLayout = MakePanelLayout<BlocksOf32<TensorType::kIQ4_NL, 2>>();
const PanelLayout kMxfp4Layout = MakePanelLayout<BlocksOf32<TensorType::kMXFP4, 1>>();
const PanelLayout kIq4XsLayout = MakePanelLayout<Iq4XsLayout>();

}  // namespace ledge
