#include "kernels/codec/q5_k.h"
#include "kernels/isa/sse41/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_sse41::Simd, IntMatmul<isa_sse41::Simd, Q5_KCodec>>;

}  // namespace ledge
