#include "kernels/codec/iq4_xs.h"
#include "kernels/isa/avx512vnni/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avx512vnni::Simd, IntMatmul<isa_avx512vnni::Simd, Iq4XsCodec>>;

}  // namespace ledge
