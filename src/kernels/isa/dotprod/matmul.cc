#include "kernels/isa/dotprod/simd.h"
#include "kernels/isa/isa_functions.h"
#include "kernels/matmul_switch.h"
#include "kernels/quantize.h"

namespace ledge::isa_dotprod {

void Matmul(const MatmulTask& task) { MatmulByType<Simd>(task); }

void Quantize(const float* x, uint32_t count, ActGroup* out) {
  Quantizer<Simd>::Run(x, count, out);
}

}  // namespace ledge::isa_dotprod
