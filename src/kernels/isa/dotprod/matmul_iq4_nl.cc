#include "kernels/codec/iq4_nl.h"
#include "kernels/isa/dotprod/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_dotprod::Simd, IntMatmul<isa_dotprod::Simd, Iq4NlCodec>>;

}  // namespace ledge
