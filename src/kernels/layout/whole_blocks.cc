// The types that are multiplied as floats (decoded_group.h): a panel group is a sequence of its
// blocks as they are, the 16 rows' blocks of the same k beside one another.
#include "kernels/layout/pieces.h"

namespace ledge {
namespace {

template <TensorType kOfType, uint32_t kValues, uint32_t kBytes>
struct WholeBlocks {
  static constexpr TensorType kType = kOfType;
  static constexpr uint32_t kBlockValues = kValues;
  static constexpr uint32_t kBlockBytes = kBytes;
  static constexpr uint8_t kFlip = 0;

  static void Group(uint32_t values, auto&& piece) {
    for (uint32_t b = 0; b < values / kValues; ++b)
      piece.template operator()<static_cast<int>(kBytes)>(b * kBytes);
  }
};

template <TensorType kType, uint32_t kValues, uint32_t kBytes>
constexpr PanelLayout kLayoutOf = MakePanelLayout<WholeBlocks<kType, kValues, kBytes>>();

using enum TensorType;

}  // namespace

const PanelLayout* FindWholeBlocks(TensorType type) {
  switch (type) {
    case kQ5_0:
      return &kLayoutOf<kQ5_0, 32, 22>;
    case kQ5_1:
      return &kLayoutOf<kQ5_1, 32, 24>;
    case kQ2_K:
      return &kLayoutOf<kQ2_K, 256, 84>;
    case kQ3_K:
      return &kLayoutOf<kQ3_K, 256, 110>;
    case kIQ1_S:
      return &kLayoutOf<kIQ1_S, 256, 50>;
    case kIQ1_M:
      return &kLayoutOf<kIQ1_M, 256, 56>;
    case kIQ2_XXS:
      return &kLayoutOf<kIQ2_XXS, 256, 66>;
    case kIQ2_XS:
      return &kLayoutOf<kIQ2_XS, 256, 74>;
    case kIQ2_S:
      return &kLayoutOf<kIQ2_S, 256, 82>;
    case kIQ3_XXS:
      return &kLayoutOf<kIQ3_XXS, 256, 98>;
    case kTQ1_0:
      return &kLayoutOf<kTQ1_0, 256, 54>;
    case kTQ2_0:
      return &kLayoutOf<kTQ2_0, 256, 66>;
    default:
      return nullptr;
  }
}

}  // namespace ledge
