#include "kernels/codec/iq4_nl.h"
#include "kernels/isa/neon/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_neon::Simd, IntMatmul<isa_neon::Simd, Iq4NlCodec>>;

}  // namespace ledge
