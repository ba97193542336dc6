// maddubs and the addition that belongs to it.
#include "kernels/isa/isa_functions.h"

namespace ledge::isa_avx2 {

uint64_t PeakTurns(uint32_t turns) {
  for (uint32_t turn = 0; turn < turns; ++turn) {
    // The assembler repeats the lines.
    asm volatile(
        ".irp r, 0, 1, 2, 3\nvpmaddubsw %%ymm9, %%ymm8, %%ymm\\r\nvpaddw %%ymm\\r, %%ymm1\\r, "
        "%%ymm1\\r\n.endr" ::
            : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm10", "xmm11",
              "xmm12", "xmm13");
  }
  asm volatile("vzeroupper");
  return uint64_t{turns} * 128;
}

}  // namespace ledge::isa_avx2
