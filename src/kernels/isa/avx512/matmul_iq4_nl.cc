#include "kernels/codec/iq4_nl.h"
#include "kernels/isa/avx512/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avx512::Simd, IntMatmul<isa_avx512::Simd, Iq4NlCodec>>;

}  // namespace ledge
