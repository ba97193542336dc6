#include "kernels/matmul_decoded.h"
#include "kernels/isa/avxvnni/simd.h"

namespace ledge {

template struct DecodedProduct<isa_avxvnni::Simd>;

}  // namespace ledge
