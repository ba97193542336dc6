// Q4_1. Source block of 32: fp16 d, fp16 m, 16 bytes qs (byte i: value i low, value i + 16 high); w
// = q * d + m.
//
// Panel group of up to 8 blocks:
//   a block each: 4 lines of 64 bytes as in q4_0.cc
//   a block each: 16 fp16 d, then 16 fp16 m, a row each
#include "kernels/layout/pieces.h"

namespace ledge {
namespace {

struct Q4_1Layout {
  static constexpr TensorType kType = TensorType::kQ4_1;
  static constexpr uint32_t kBlockValues = 32;
  static constexpr uint32_t kBlockBytes = 20;
  static constexpr uint8_t kFlip = 0;

  static void Group(uint32_t values, auto&& piece) {
    const uint32_t blocks = values / kBlockValues;
    for (uint32_t b = 0; b < blocks; ++b) {
      for (uint32_t j = 0; j < 4; ++j) piece.template operator()<4>(b * kBlockBytes + 4 + 4 * j);
    }
    for (uint32_t b = 0; b < blocks; ++b) {
      piece.template operator()<2>(b * kBlockBytes);
      piece.template operator()<2>(b * kBlockBytes + 2);
    }
  }
};

}  // namespace

const PanelLayout kQ4_1Layout = MakePanelLayout<Q4_1Layout>();

}  // namespace ledge
