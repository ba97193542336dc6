// Q4_0. Source block of 32: fp16 d, 16 bytes qs (byte i: value i low, value i + 16 high); w = (q -
// 8) * d.
//
// Panel group of up to 8 blocks:
//   a block each: 4 lines of 64 bytes; line j holds, for row r at 4 r, the bytes qs[4 j .. 4 j +
//   3]: the low
//                 nibbles are k = 4 j .. 4 j + 3 of the block, the high ones k = 16 + 4 j ..
//   a block each: 16 fp16 d, a row each
// The scales stand behind all lines so that lines stay within cache lines.
#include "kernels/layout/pieces.h"

namespace ledge {
namespace {

struct Q4_0Layout {
  static constexpr TensorType kType = TensorType::kQ4_0;
  static constexpr uint32_t kBlockValues = 32;
  static constexpr uint32_t kBlockBytes = 18;
  static constexpr uint8_t kFlip = 0;

  static void Group(uint32_t values, auto&& piece) {
    const uint32_t blocks = values / kBlockValues;
    for (uint32_t b = 0; b < blocks; ++b) {
      for (uint32_t j = 0; j < 4; ++j) piece.template operator()<4>(b * kBlockBytes + 2 + 4 * j);
    }
    for (uint32_t b = 0; b < blocks; ++b) piece.template operator()<2>(b * kBlockBytes);
  }
};

}  // namespace

const PanelLayout kQ4_0Layout = MakePanelLayout<Q4_0Layout>();

}  // namespace ledge
