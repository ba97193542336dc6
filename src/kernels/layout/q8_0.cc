// Q8_0. Source block of 32: fp16 d, 32 signed bytes q; w = q * d.
//
// Panel group of up to 8 blocks:
//   a block each: 8 lines of 64 bytes; line j holds, for row r at 4 r, q[4 j .. 4 j + 3] + 128 as
//   unsigned bytes
//                 (the sign bit flipped), as the multiply instructions of x86 want one operand
//                 unsigned; a dot product then starts at -128 * sum of the activations
//   a block each: 16 fp16 d, a row each
#include "kernels/layout/pieces.h"

namespace ledge {
namespace {

struct Q8_0Layout {
  static constexpr TensorType kType = TensorType::kQ8_0;
  static constexpr uint32_t kBlockValues = 32;
  static constexpr uint32_t kBlockBytes = 34;
  static constexpr uint8_t kFlip = 0x80;

  static void Group(uint32_t values, auto&& piece) {
    const uint32_t blocks = values / kBlockValues;
    for (uint32_t b = 0; b < blocks; ++b) {
      for (uint32_t j = 0; j < 8; ++j) piece.template operator()<4>(b * kBlockBytes + 2 + 4 * j);
    }
    for (uint32_t b = 0; b < blocks; ++b) piece.template operator()<2>(b * kBlockBytes);
  }
};

}  // namespace

const PanelLayout kQ8_0Layout = MakePanelLayout<Q8_0Layout>();

}  // namespace ledge
