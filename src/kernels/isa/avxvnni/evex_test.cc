// The matrix product with avxvnni's traits, in AVX-512's encoding of the same instructions: only
// this lets a machine without AVX-VNNI run them. avxvnni_test.cc calls it; no test code stands
// here, as this file is compiled with special instructions.
#include "kernels/codec/floats.h"
#include "kernels/codec/iq3_s.h"
#include "kernels/codec/iq4_nl.h"
#include "kernels/codec/iq4_xs.h"
#include "kernels/codec/mxfp4.h"
#include "kernels/codec/q4_0.h"
#include "kernels/codec/q4_1.h"
#include "kernels/codec/q4_k.h"
#include "kernels/codec/q5_k.h"
#include "kernels/codec/q6_k.h"
#include "kernels/codec/q8_0.h"
#include "kernels/isa/avxvnni/simd.h"
#include "kernels/isa/isa_functions.h"
#include "kernels/matmul_decoded.h"
#include "kernels/matmul_float.h"
#include "kernels/matmul_int.h"
#include "kernels/matmul_switch.h"

namespace ledge::isa_avxvnni_evex {

struct Simd : isa_avxvnni::VnniSimd<Simd> {};

void Matmul(const MatmulTask& task) { MatmulByType<Simd>(task); }

}  // namespace ledge::isa_avxvnni_evex
