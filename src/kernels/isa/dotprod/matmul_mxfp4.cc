#include "kernels/codec/mxfp4.h"
#include "kernels/isa/dotprod/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_dotprod::Simd, IntMatmul<isa_dotprod::Simd, Mxfp4Codec>>;

}  // namespace ledge
