// dpbusd into eight sums.
#include "kernels/isa/isa_functions.h"

namespace ledge::isa_avxvnni {

uint64_t PeakTurns(uint32_t turns) {
  for (uint32_t turn = 0; turn < turns; ++turn) {
    // The assembler repeats the lines.
    asm volatile(
        ".irp r, 0, 1, 2, 3, 4, 5, 6, 7\n%{vex%} vpdpbusd %%ymm9, %%ymm8, %%ymm\\r\n.endr" ::
            : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm10", "xmm11",
              "xmm12", "xmm13");
  }
  asm volatile("vzeroupper");
  return uint64_t{turns} * 256;
}

}  // namespace ledge::isa_avxvnni
