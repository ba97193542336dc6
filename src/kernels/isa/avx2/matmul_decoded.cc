#include "kernels/matmul_decoded.h"
#include "kernels/isa/avx2/simd.h"

namespace ledge {

template struct DecodedProduct<isa_avx2::Simd>;

}  // namespace ledge
