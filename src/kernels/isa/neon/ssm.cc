#include "kernels/ssm.h"

#include "kernels/isa/isa_functions.h"
#include "kernels/isa/neon/simd.h"

namespace ledge::isa_neon {

void Convolve(const ConvolveTask& task) { Ssm<Simd>::Convolve(task); }

void Scan(const ScanTask& task) { Ssm<Simd>::Scan(task); }

}  // namespace ledge::isa_neon
