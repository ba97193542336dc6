#include "kernels/codec/mxfp4.h"
#include "kernels/isa/avxvnni/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avxvnni::Simd, IntMatmul<isa_avxvnni::Simd, Mxfp4Codec>>;

}  // namespace ledge
