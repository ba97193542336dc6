// IQ3_S; quant/iq3.cc describes its block of 256: fp16 d, 64 bytes with the low 8 bits of a point
// of 4 values, 8 bytes with the points' ninth bits, 32 bytes of signs, 4 bytes of scales.
//
// Panel group of one block, each piece a byte of 16 rows:
//   64 of the points, 8 of the ninth bits, 32 of the signs, 4 of the scales
//   16 fp16 d, a row each
#include "kernels/layout/pieces.h"

namespace ledge {
namespace {

struct Iq3SLayout {
  static constexpr TensorType kType = TensorType::kIQ3_S;
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 110;
  static constexpr uint8_t kFlip = 0;

  static void Group(uint32_t, auto&& piece) {
    for (uint32_t i = 2; i < 110; ++i) piece.template operator()<1>(i);
    piece.template operator()<2>(0);
  }
};

}  // namespace

const PanelLayout kIq3SLayout = MakePanelLayout<Iq3SLayout>();

}  // namespace ledge
