#include "kernels/codec/floats.h"
#include "kernels/isa/avx512/simd.h"
#include "kernels/matmul_float.h"

namespace ledge {

template struct PanelProduct<isa_avx512::Simd, FloatMatmul<isa_avx512::Simd, F32Codec>>;
template struct PanelProduct<isa_avx512::Simd, FloatMatmul<isa_avx512::Simd, F16Codec>>;
template struct PanelProduct<isa_avx512::Simd, FloatMatmul<isa_avx512::Simd, Bf16Codec>>;

}  // namespace ledge
