#include "kernels/codec/q8_0.h"
#include "kernels/isa/avx512/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avx512::Simd, IntMatmul<isa_avx512::Simd, Q8_0Codec>>;

}  // namespace ledge
