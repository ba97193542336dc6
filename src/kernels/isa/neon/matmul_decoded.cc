#include "kernels/matmul_decoded.h"
#include "kernels/isa/neon/simd.h"

namespace ledge {

template struct DecodedProduct<isa_neon::Simd>;

}  // namespace ledge
