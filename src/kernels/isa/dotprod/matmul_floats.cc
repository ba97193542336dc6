#include "kernels/codec/floats.h"
#include "kernels/isa/dotprod/simd.h"
#include "kernels/matmul_float.h"

namespace ledge {

template struct PanelProduct<isa_dotprod::Simd, FloatMatmul<isa_dotprod::Simd, F32Codec>>;
template struct PanelProduct<isa_dotprod::Simd, FloatMatmul<isa_dotprod::Simd, F16Codec>>;
template struct PanelProduct<isa_dotprod::Simd, FloatMatmul<isa_dotprod::Simd, Bf16Codec>>;

}  // namespace ledge
