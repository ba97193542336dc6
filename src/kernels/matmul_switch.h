// Kernels::matmul: from the weights' type to the code for it.
#pragma once

#include "kernels/inline.h"
#include "kernels/panel_product.h"

namespace ledge {

template <typename S>
LEDGE_INLINE void MatmulByType(const MatmulTask& task) {
  const auto run = [&](auto product) LEDGE_INLINE_LAMBDA { product(task); };
  switch (task.w.type) {
    case TensorType::kF32:
      return run(PanelProduct<S, FloatMatmul<S, F32Codec>>::Run);
    case TensorType::kF16:
      return run(PanelProduct<S, FloatMatmul<S, F16Codec>>::Run);
    case TensorType::kBF16:
      return run(PanelProduct<S, FloatMatmul<S, Bf16Codec>>::Run);
    case TensorType::kQ4_0:
      return run(PanelProduct<S, IntMatmul<S, Q4_0Codec>>::Run);
    case TensorType::kQ4_1:
      return run(PanelProduct<S, IntMatmul<S, Q4_1Codec>>::Run);
    case TensorType::kQ8_0:
      return run(PanelProduct<S, IntMatmul<S, Q8_0Codec>>::Run);
    case TensorType::kQ4_K:
      return run(PanelProduct<S, IntMatmul<S, Q4_KCodec>>::Run);
    case TensorType::kQ6_K:
      return run(PanelProduct<S, IntMatmul<S, Q6_KCodec>>::Run);
    case TensorType::kQ5_K:
      return run(PanelProduct<S, IntMatmul<S, Q5_KCodec>>::Run);
    case TensorType::kIQ4_NL:
      return run(PanelProduct<S, IntMatmul<S, Iq4NlCodec>>::Run);
    case TensorType::kIQ4_XS:
      return run(PanelProduct<S, IntMatmul<S, Iq4XsCodec>>::Run);
    case TensorType::kIQ3_S:
      return run(PanelProduct<S, IntMatmul<S, Iq3SCodec>>::Run);
    case TensorType::kMXFP4:
      return run(PanelProduct<S, IntMatmul<S, Mxfp4Codec>>::Run);
    default:
      return run(DecodedProduct<S>::Run);
  }
}

}  // namespace ledge
