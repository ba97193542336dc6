#include "kernels/codec/iq4_xs.h"
#include "kernels/isa/avx2/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avx2::Simd, IntMatmul<isa_avx2::Simd, Iq4XsCodec>>;

}  // namespace ledge
