#include "kernels/codec/iq3_s.h"
#include "kernels/isa/avxvnni/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_avxvnni::Simd, IntMatmul<isa_avxvnni::Simd, Iq3SCodec>>;

}  // namespace ledge
