#include "kernels/isa/isa_functions.h"

namespace ledge::isa_unfused {

uint64_t PeakTurns(uint32_t) { return 0; }

}  // namespace ledge::isa_unfused
