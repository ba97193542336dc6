#include "kernels/codec/q8_0.h"
#include "kernels/isa/avxvnni/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avxvnni::Simd, IntMatmul<isa_avxvnni::Simd, Q8_0Codec>>;

}  // namespace ledge
