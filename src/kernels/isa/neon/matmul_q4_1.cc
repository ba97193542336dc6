#include "kernels/codec/q4_1.h"
#include "kernels/isa/neon/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_neon::Simd, IntMatmul<isa_neon::Simd, Q4_1Codec>>;

}  // namespace ledge
