#include "kernels/codec/floats.h"
#include "kernels/isa/i8mm/simd.h"
#include "kernels/matmul_float.h"

namespace ledge {

template struct PanelProduct<isa_i8mm::Simd, FloatMatmul<isa_i8mm::Simd, F32Codec>>;
template struct PanelProduct<isa_i8mm::Simd, FloatMatmul<isa_i8mm::Simd, F16Codec>>;
template struct PanelProduct<isa_i8mm::Simd, FloatMatmul<isa_i8mm::Simd, Bf16Codec>>;

}  // namespace ledge
