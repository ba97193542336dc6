#include "kernels/codec/q4_1.h"
#include "kernels/isa/avx512/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avx512::Simd, IntMatmul<isa_avx512::Simd, Q4_1Codec>>;

}  // namespace ledge
