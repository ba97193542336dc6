#include "kernels/matmul_decoded.h"
#include "kernels/isa/avx512vnni/simd.h"

namespace ledge {

template struct DecodedProduct<isa_avx512vnni::Simd>;

}  // namespace ledge
