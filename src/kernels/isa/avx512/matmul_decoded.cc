#include "kernels/matmul_decoded.h"
#include "kernels/isa/avx512/simd.h"

namespace ledge {

template struct DecodedProduct<isa_avx512::Simd>;

}  // namespace ledge
