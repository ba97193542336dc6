// Q5_K. Source block of 256: fp16 d, fp16 dmin, 12 bytes with eight 6-bit scales and minima (as in
// Q4_K), 32 bytes qh (bit g of byte i is the fifth bit of value 32 g + i), 128 bytes qs (as in
// Q4_K); w = d * scale[s] * q - dmin * min[s] with s the value's 32.
//
// Panel group of one block:
//   32 lines of 64 bytes; line i holds, for row r at 4 r, the bytes qs[4 i .. 4 i + 3]
//   8 lines of 64 bytes; the same of qh
//   12 x 16 bytes: byte i of the packed scales and minima, a row each
//   16 fp16 d, 16 fp16 dmin, a row each
#include "kernels/layout/pieces.h"

namespace ledge {
namespace {

struct Q5KLayout {
  static constexpr TensorType kType = TensorType::kQ5_K;
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 176;
  static constexpr uint8_t kFlip = 0;

  static void Group(uint32_t, auto&& piece) {
    for (uint32_t i = 0; i < 32; ++i) piece.template operator()<4>(48 + 4 * i);
    for (uint32_t i = 0; i < 8; ++i) piece.template operator()<4>(16 + 4 * i);
    for (uint32_t i = 0; i < 12; ++i) piece.template operator()<1>(4 + i);
    piece.template operator()<2>(0);
    piece.template operator()<2>(2);
  }
};

}  // namespace

const PanelLayout kQ5KLayout = MakePanelLayout<Q5KLayout>();

}  // namespace ledge
