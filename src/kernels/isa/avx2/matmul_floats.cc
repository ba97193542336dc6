#include "kernels/codec/floats.h"
#include "kernels/isa/avx2/simd.h"
#include "kernels/matmul_float.h"

namespace ledge {

template struct PanelProduct<isa_avx2::Simd, FloatMatmul<isa_avx2::Simd, F32Codec>>;
template struct PanelProduct<isa_avx2::Simd, FloatMatmul<isa_avx2::Simd, F16Codec>>;
template struct PanelProduct<isa_avx2::Simd, FloatMatmul<isa_avx2::Simd, Bf16Codec>>;

}  // namespace ledge
