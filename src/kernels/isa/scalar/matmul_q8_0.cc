#include "kernels/codec/q8_0.h"
#include "kernels/isa/scalar/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_scalar::Simd, IntMatmul<isa_scalar::Simd, Q8_0Codec>>;

}  // namespace ledge
