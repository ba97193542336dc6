#include "kernels/matmul_decoded.h"
#include "kernels/isa/dotprod/simd.h"

namespace ledge {

template struct DecodedProduct<isa_dotprod::Simd>;

}  // namespace ledge
