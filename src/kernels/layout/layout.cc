#include "kernels/layout/pieces.h"

namespace ledge {

const PanelLayout* FindPanelLayout(TensorType type) {
  switch (type) {
    case TensorType::kF32:
      return &kF32Layout;
    case TensorType::kF16:
      return &kF16Layout;
    case TensorType::kBF16:
      return &kBf16Layout;
    case TensorType::kQ4_0:
      return &kQ4_0Layout;
    case TensorType::kQ4_1:
      return &kQ4_1Layout;
    case TensorType::kQ8_0:
      return &kQ8_0Layout;
    case TensorType::kQ4_K:
      return &kQ4KLayout;
    case TensorType::kQ6_K:
      return &kQ6KLayout;
    case TensorType::kQ5_K:
      return &kQ5KLayout;
    case TensorType::kIQ4_NL:
      return &kIq4NlLayout;
    case TensorType::kIQ4_XS:
      return &kIq4XsLayout;
    case TensorType::kIQ3_S:
      return &kIq3SLayout;
    case TensorType::kMXFP4:
      return &kMxfp4Layout;
    default:
      return FindWholeBlocks(type);
  }
}

bool ReadsFloats(TensorType type) {
  return type == TensorType::kF32 || type == TensorType::kF16 || type == TensorType::kBF16 ||
         FindWholeBlocks(type) != nullptr;
}

uint64_t PanelBytes(TensorType type, uint32_t cols) {
  const PanelLayout* layout = FindPanelLayout(type);
  if (layout == nullptr) return 0;
  return uint64_t{cols / layout->block_values} * layout->block_bytes * kPanelRows;
}

}  // namespace ledge
