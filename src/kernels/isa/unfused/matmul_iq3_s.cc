#include "kernels/codec/iq3_s.h"
#include "kernels/isa/unfused/simd.h"
#include "kernels/matmul_int.h"

namespace ledge {

template struct PanelProduct<isa_unfused::Simd, IntMatmul<isa_unfused::Simd, Iq3SCodec>>;

}  // namespace ledge
