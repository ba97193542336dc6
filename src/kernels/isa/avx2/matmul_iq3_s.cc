#include "kernels/codec/iq3_s.h"
#include "kernels/isa/avx2/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avx2::Simd, IntMatmul<isa_avx2::Simd, Iq3SCodec>>;

}  // namespace ledge
