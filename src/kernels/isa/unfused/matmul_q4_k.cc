#include "kernels/codec/q4_k.h"
#include "kernels/isa/unfused/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_unfused::Simd, IntMatmul<isa_unfused::Simd, Q4_KCodec>>;

}  // namespace ledge
