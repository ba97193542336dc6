#include "kernels/ssm.h"

#include "kernels/isa/avxvnni/simd.h"
#include "kernels/isa/isa_functions.h"

namespace ledge::isa_avxvnni {

void Convolve(const ConvolveTask& task) { Ssm<Simd>::Convolve(task); }

void Scan(const ScanTask& task) { Ssm<Simd>::Scan(task); }

}  // namespace ledge::isa_avxvnni
