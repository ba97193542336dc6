#include "kernels/codec/q8_0.h"
#include "kernels/isa/neon/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_neon::Simd, IntMatmul<isa_neon::Simd, Q8_0Codec>>;

}  // namespace ledge
