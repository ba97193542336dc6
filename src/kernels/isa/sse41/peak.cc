// int8 by maddubs overwrites an operand, so that it has to be copied; an addition belongs to it.
#include "kernels/isa/isa_functions.h"

namespace ledge::isa_sse41 {

uint64_t PeakTurns(uint32_t turns) {
  for (uint32_t turn = 0; turn < turns; ++turn) {
    // The assembler repeats the lines.
    asm volatile(
        ".irp r, 0, 1, 2, 3, 4, 5, 6, 7\nmovdqa %%xmm9, %%xmm10\npmaddubsw %%xmm8, %%xmm10\npaddw "
        "%%xmm10, %%xmm\\r\n.endr" ::
            : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm10", "xmm11",
              "xmm12", "xmm13");
  }
  return uint64_t{turns} * 128;
}

}  // namespace ledge::isa_sse41
