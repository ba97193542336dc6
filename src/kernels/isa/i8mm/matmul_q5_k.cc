#include "kernels/codec/q5_k.h"
#include "kernels/isa/i8mm/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_i8mm::Simd, IntMatmul<isa_i8mm::Simd, Q5_KCodec>>;

}  // namespace ledge
