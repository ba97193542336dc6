#include "kernels/matmul_decoded.h"
#include "kernels/isa/i8mm/simd.h"

namespace ledge {

template struct DecodedProduct<isa_i8mm::Simd>;

}  // namespace ledge
