#include "kernels/codec/q5_k.h"
#include "kernels/isa/avx512/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avx512::Simd, IntMatmul<isa_avx512::Simd, Q5_KCodec>>;

}  // namespace ledge
