#include "kernels/codec/q8_0.h"
#include "kernels/isa/dotprod/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_dotprod::Simd, IntMatmul<isa_dotprod::Simd, Q8_0Codec>>;

}  // namespace ledge
