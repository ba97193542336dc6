#include "kernels/codec/q5_k.h"
#include "kernels/isa/scalar/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_scalar::Simd, IntMatmul<isa_scalar::Simd, Q5_KCodec>>;

}  // namespace ledge
