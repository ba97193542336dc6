#include "kernels/ssm.h"

#include "kernels/isa/isa_functions.h"
#include "kernels/isa/sse41/simd.h"

namespace ledge::isa_sse41 {

void Convolve(const ConvolveTask& task) { Ssm<Simd>::Convolve(task); }

void Scan(const ScanTask& task) { Ssm<Simd>::Scan(task); }

}  // namespace ledge::isa_sse41
