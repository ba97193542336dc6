#include "kernels/codec/mxfp4.h"
#include "kernels/isa/neon/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_neon::Simd, IntMatmul<isa_neon::Simd, Mxfp4Codec>>;

}  // namespace ledge
