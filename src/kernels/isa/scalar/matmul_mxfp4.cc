#include "kernels/codec/mxfp4.h"
#include "kernels/isa/scalar/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_scalar::Simd, IntMatmul<isa_scalar::Simd, Mxfp4Codec>>;

}  // namespace ledge
