#include "kernels/codec/mxfp4.h"
#include "kernels/isa/unfused/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_unfused::Simd, IntMatmul<isa_unfused::Simd, Mxfp4Codec>>;

}  // namespace ledge
