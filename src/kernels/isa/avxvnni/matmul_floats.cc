#include "kernels/codec/floats.h"
#include "kernels/isa/avxvnni/simd.h"
#include "kernels/matmul_float.h"

namespace ledge {

template struct PanelProduct<isa_avxvnni::Simd, FloatMatmul<isa_avxvnni::Simd, F32Codec>>;
template struct PanelProduct<isa_avxvnni::Simd, FloatMatmul<isa_avxvnni::Simd, F16Codec>>;
template struct PanelProduct<isa_avxvnni::Simd, FloatMatmul<isa_avxvnni::Simd, Bf16Codec>>;

}  // namespace ledge
