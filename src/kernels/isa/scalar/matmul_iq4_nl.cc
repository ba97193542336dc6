#include "kernels/codec/iq4_nl.h"
#include "kernels/isa/scalar/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_scalar::Simd, IntMatmul<isa_scalar::Simd, Iq4NlCodec>>;

}  // namespace ledge
