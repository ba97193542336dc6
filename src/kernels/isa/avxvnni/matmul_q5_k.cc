#include "kernels/codec/q5_k.h"
#include "kernels/isa/avxvnni/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avxvnni::Simd, IntMatmul<isa_avxvnni::Simd, Q5_KCodec>>;

}  // namespace ledge
