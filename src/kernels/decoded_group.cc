#include "kernels/decoded_group.h"

#include "kernels/activation.h"
#include "kernels/panel.h"
#include "quant/quant.h"

namespace ledge {

void DecodeGroup(TensorType type, const std::byte* group, uint32_t values, float* out) {
  const TypeInfo& info = Info(type);
  float rows[kPanelRows * kActGroupValues];  // of the blocks at the same k, one after the other
  for (uint32_t k = 0; k < values; k += info.block_values) {
    DecodeRow(type, group, size_t{kPanelRows} * info.block_values, rows);
    for (uint32_t i = 0; i < info.block_values; ++i) {
      for (uint32_t r = 0; r < kPanelRows; ++r)
        out[i * kPanelRows + r] = rows[r * info.block_values + i];
    }
    group += size_t{kPanelRows} * info.block_bytes;
    out += size_t{kPanelRows} * info.block_values;
  }
}

}  // namespace ledge
