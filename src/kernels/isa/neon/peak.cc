// A widening multiplication, one that adds to it, and the addition of pairs that belongs to both.
#include "kernels/isa/isa_functions.h"

namespace ledge::isa_neon {

uint64_t PeakTurns(uint32_t turns) {
  for (uint32_t turn = 0; turn < turns; ++turn) {
    // The assembler repeats the lines.
    asm volatile(
        ".irp r, 0, 1, 2, 3\nsmull v1\\r\\().8h, v8.8b, v9.8b\nsmlal2 v1\\r\\().8h, v8.16b, "
        "v9.16b\nsadalp v\\r\\().4s, v1\\r\\().8h\n.endr" ::
            : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v10", "v11", "v12", "v13");
  }
  return uint64_t{turns} * 64;
}

}  // namespace ledge::isa_neon
