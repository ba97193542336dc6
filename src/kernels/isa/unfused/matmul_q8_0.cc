#include "kernels/codec/q8_0.h"
#include "kernels/isa/unfused/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_unfused::Simd, IntMatmul<isa_unfused::Simd, Q8_0Codec>>;

}  // namespace ledge
