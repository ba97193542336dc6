// usdot into eight sums. (The matrix instruction smmla does twice as many where a core has it at
// the same rate.)
#include "kernels/isa/isa_functions.h"

namespace ledge::isa_i8mm {

uint64_t PeakTurns(uint32_t turns) {
  for (uint32_t turn = 0; turn < turns; ++turn) {
    // The assembler repeats the lines.
    asm volatile(".irp r, 0, 1, 2, 3, 4, 5, 6, 7\nusdot v\\r\\().4s, v8.16b, v9.16b\n.endr" ::
                     : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v10", "v11", "v12", "v13");
  }
  return uint64_t{turns} * 128;
}

}  // namespace ledge::isa_i8mm
