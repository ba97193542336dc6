#include "kernels/codec/q8_0.h"
#include "kernels/isa/avx512vnni/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avx512vnni::Simd, IntMatmul<isa_avx512vnni::Simd, Q8_0Codec>>;

}  // namespace ledge
