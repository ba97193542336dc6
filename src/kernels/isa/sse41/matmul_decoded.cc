#include "kernels/matmul_decoded.h"
#include "kernels/isa/sse41/simd.h"

namespace ledge {

template struct DecodedProduct<isa_sse41::Simd>;

}  // namespace ledge
