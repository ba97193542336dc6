#include "kernels/codec/q4_1.h"
#include "kernels/isa/avxvnni/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avxvnni::Simd, IntMatmul<isa_avxvnni::Simd, Q4_1Codec>>;

}  // namespace ledge
