// Q4_K. Source block of 256: fp16 d, fp16 dmin, 12 bytes with eight 6-bit scales and eight 6-bit
// minima, 128 bytes qs (the 32 bytes of chunk c: low nibbles are values 64 c .. 64 c + 31, high
// ones 64 c + 32 .. 64 c + 63); w = d * scale[s] * q - dmin * min[s] with s the value's 32.
//
// Panel group of one block:
//   32 lines of 64 bytes; line i holds, for row r at 4 r, the bytes qs[4 i .. 4 i + 3]
//   12 x 16 bytes: byte i of the packed scales and minima, a row each
//   16 fp16 d, 16 fp16 dmin, a row each
#include "kernels/layout/pieces.h"

namespace ledge {
namespace {

struct Q4KLayout {
  static constexpr TensorType kType = TensorType::kQ4_K;
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 144;
  static constexpr uint8_t kFlip = 0;

  static void Group(uint32_t, auto&& piece) {
    for (uint32_t i = 0; i < 32; ++i) piece.template operator()<4>(16 + 4 * i);
    for (uint32_t i = 0; i < 12; ++i) piece.template operator()<1>(4 + i);
    piece.template operator()<2>(0);
    piece.template operator()<2>(2);
  }
};

}  // namespace

const PanelLayout kQ4KLayout = MakePanelLayout<Q4KLayout>();

}  // namespace ledge
