#include "kernels/codec/floats.h"
#include "kernels/isa/neon/simd.h"
#include "kernels/matmul_float.h"

namespace ledge {

template struct PanelProduct<isa_neon::Simd, FloatMatmul<isa_neon::Simd, F32Codec>>;
template struct PanelProduct<isa_neon::Simd, FloatMatmul<isa_neon::Simd, F16Codec>>;
template struct PanelProduct<isa_neon::Simd, FloatMatmul<isa_neon::Simd, Bf16Codec>>;

}  // namespace ledge
