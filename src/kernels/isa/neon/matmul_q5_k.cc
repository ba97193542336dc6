#include "kernels/codec/q5_k.h"
#include "kernels/isa/neon/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_neon::Simd, IntMatmul<isa_neon::Simd, Q5_KCodec>>;

}  // namespace ledge
