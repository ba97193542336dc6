#include "kernels/codec/iq3_s.h"
#include "kernels/isa/i8mm/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_i8mm::Simd, IntMatmul<isa_i8mm::Simd, Iq3SCodec>>;

}  // namespace ledge
