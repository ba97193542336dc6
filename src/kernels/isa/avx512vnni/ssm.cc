#include "kernels/ssm.h"

#include "kernels/isa/avx512vnni/simd.h"
#include "kernels/isa/isa_functions.h"

namespace ledge::isa_avx512vnni {

void Convolve(const ConvolveTask& task) { Ssm<Simd>::Convolve(task); }

void Scan(const ScanTask& task) { Ssm<Simd>::Scan(task); }

}  // namespace ledge::isa_avx512vnni
