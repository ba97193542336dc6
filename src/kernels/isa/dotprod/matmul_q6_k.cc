#include "kernels/codec/q6_k.h"
#include "kernels/isa/dotprod/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_dotprod::Simd, IntMatmul<isa_dotprod::Simd, Q6_KCodec>>;

}  // namespace ledge
