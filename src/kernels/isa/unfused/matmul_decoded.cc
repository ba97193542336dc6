#include "kernels/matmul_decoded.h"
#include "kernels/isa/unfused/simd.h"

namespace ledge {

template struct DecodedProduct<isa_unfused::Simd>;

}  // namespace ledge
