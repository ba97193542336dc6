// Q6_K. Source block of 256: 128 bytes ql, 64 bytes qh, 16 signed bytes scale, fp16 d. For the half
// n (128 values), the quarter t of it and l in 0..31, value 128 n + 32 t + l has its low 4 bits in
// ql[64 n + 32 (t & 1) + l] (the high nibble if t >= 2) and its high 2 bits in qh[32 n + l] >> 2 t;
// w = d * scale[value / 16] * (q - 32).
//
// Panel group of one block:
//   32 lines of 64 bytes; line i holds, for row r at 4 r, the bytes ql[4 i .. 4 i + 3]
//   16 lines of the same kind for qh
//   16 x 16 bytes: scale i, a row each
//   16 fp16 d, a row each
#include "kernels/layout/pieces.h"

namespace ledge {
namespace {

struct Q6KLayout {
  static constexpr TensorType kType = TensorType::kQ6_K;
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 210;
  static constexpr uint8_t kFlip = 0;

  static void Group(uint32_t, auto&& piece) {
    for (uint32_t i = 0; i < 48; ++i) piece.template operator()<4>(4 * i);
    for (uint32_t i = 0; i < 16; ++i) piece.template operator()<1>(192 + i);
    piece.template operator()<2>(208);
  }
};

}  // namespace

const PanelLayout kQ6KLayout = MakePanelLayout<Q6KLayout>();

}  // namespace ledge
