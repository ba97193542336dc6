#include "kernels/codec/floats.h"
#include "kernels/isa/sse41/simd.h"
#include "kernels/matmul_float.h"

namespace ledge {

template struct PanelProduct<isa_sse41::Simd, FloatMatmul<isa_sse41::Simd, F32Codec>>;
template struct PanelProduct<isa_sse41::Simd, FloatMatmul<isa_sse41::Simd, F16Codec>>;
template struct PanelProduct<isa_sse41::Simd, FloatMatmul<isa_sse41::Simd, Bf16Codec>>;

}  // namespace ledge
