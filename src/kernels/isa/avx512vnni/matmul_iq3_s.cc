#include "kernels/codec/iq3_s.h"
#include "kernels/isa/avx512vnni/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avx512vnni::Simd, IntMatmul<isa_avx512vnni::Simd, Iq3SCodec>>;

}  // namespace ledge
