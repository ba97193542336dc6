#include "kernels/codec/floats.h"
#include "kernels/isa/unfused/simd.h"
#include "kernels/matmul_float.h"

namespace ledge {

template struct PanelProduct<isa_unfused::Simd, FloatMatmul<isa_unfused::Simd, F32Codec>>;
template struct PanelProduct<isa_unfused::Simd, FloatMatmul<isa_unfused::Simd, F16Codec>>;
template struct PanelProduct<isa_unfused::Simd, FloatMatmul<isa_unfused::Simd, Bf16Codec>>;

}  // namespace ledge
