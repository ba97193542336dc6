// F32, F16, BF16: [k][16 rows] elements.
#include "kernels/layout/pieces.h"

namespace ledge {
namespace {

template <TensorType type, uint32_t kElementBytes>
struct FloatLayout {
  static constexpr TensorType kType = type;
  static constexpr uint32_t kBlockValues = 1;
  static constexpr uint32_t kBlockBytes = kElementBytes;
  static constexpr uint8_t kFlip = 0;

  static void Group(uint32_t values, auto&& piece) {
    for (uint32_t k = 0; k < values; ++k)
      piece.template operator()<kElementBytes>(k * kElementBytes);
  }
};

}  // namespace

const PanelLayout kF32Layout = MakePanelLayout<FloatLayout<TensorType::kF32, 4>>();
const PanelLayout kF16Layout = MakePanelLayout<FloatLayout<TensorType::kF16, 2>>();
const PanelLayout kBf16Layout = MakePanelLayout<FloatLayout<TensorType::kBF16, 2>>();

}  // namespace ledge
