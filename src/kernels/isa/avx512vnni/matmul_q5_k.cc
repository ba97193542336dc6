#include "kernels/codec/q5_k.h"
#include "kernels/isa/avx512vnni/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avx512vnni::Simd, IntMatmul<isa_avx512vnni::Simd, Q5_KCodec>>;

}  // namespace ledge
