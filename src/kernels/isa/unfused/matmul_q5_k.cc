#include "kernels/codec/q5_k.h"
#include "kernels/isa/unfused/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_unfused::Simd, IntMatmul<isa_unfused::Simd, Q5_KCodec>>;

}  // namespace ledge
