#include "kernels/matmul_decoded.h"
#include "kernels/isa/scalar/simd.h"

namespace ledge {

template struct DecodedProduct<isa_scalar::Simd>;

}  // namespace ledge
