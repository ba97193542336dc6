// The matrix product of one ISA and one weight type, as seen by matmul_switch.h. Each is
// instantiated in a file of its own (isa/<isa>/matmul_<type>.cc), out of the templates in matmul.h.
#pragma once

#include "kernels/matmul_task.h"

namespace ledge {

template <typename S, typename C>
struct IntMatmul;
template <typename S, typename C>
struct FloatMatmul;

struct Q4_0Codec;
struct Q4_1Codec;
struct Q8_0Codec;
struct Q4_KCodec;
struct Q6_KCodec;
struct Q5_KCodec;
struct Iq4NlCodec;
struct Iq4XsCodec;
struct Iq3SCodec;
struct Mxfp4Codec;
struct F32Codec;
struct F16Codec;
struct Bf16Codec;

template <typename S, typename M>
struct PanelProduct {
  // As Kernels::matmul.
  static void Run(const MatmulTask& task);
};

// The same for all types that are decoded to floats first (matmul_decoded.h).
template <typename S>
struct DecodedProduct {
  static void Run(const MatmulTask& task);
};

}  // namespace ledge
