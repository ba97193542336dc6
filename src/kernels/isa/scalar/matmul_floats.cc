#include "kernels/codec/floats.h"
#include "kernels/isa/scalar/simd.h"
#include "kernels/matmul_float.h"

namespace ledge {

template struct PanelProduct<isa_scalar::Simd, FloatMatmul<isa_scalar::Simd, F32Codec>>;
template struct PanelProduct<isa_scalar::Simd, FloatMatmul<isa_scalar::Simd, F16Codec>>;
template struct PanelProduct<isa_scalar::Simd, FloatMatmul<isa_scalar::Simd, Bf16Codec>>;

}  // namespace ledge
