#include "kernels/codec/floats.h"
#include "kernels/isa/avx512vnni/simd.h"
#include "kernels/matmul_float.h"

namespace ledge {

template struct PanelProduct<isa_avx512vnni::Simd, FloatMatmul<isa_avx512vnni::Simd, F32Codec>>;
template struct PanelProduct<isa_avx512vnni::Simd, FloatMatmul<isa_avx512vnni::Simd, F16Codec>>;
template struct PanelProduct<isa_avx512vnni::Simd, FloatMatmul<isa_avx512vnni::Simd, Bf16Codec>>;

}  // namespace ledge
