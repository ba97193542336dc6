#include "kernels/codec/q4_0.h"
#include "kernels/isa/scalar/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_scalar::Simd, IntMatmul<isa_scalar::Simd, Q4_0Codec>>;

}  // namespace ledge
