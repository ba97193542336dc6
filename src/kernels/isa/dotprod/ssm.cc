#include "kernels/ssm.h"

#include "kernels/isa/dotprod/simd.h"
#include "kernels/isa/isa_functions.h"

namespace ledge::isa_dotprod {

void Convolve(const ConvolveTask& task) { Ssm<Simd>::Convolve(task); }

void Scan(const ScanTask& task) { Ssm<Simd>::Scan(task); }

}  // namespace ledge::isa_dotprod
