#include "hf/mxfp4.h"

namespace ledge {

void AppendMxfp4(std::span<const std::byte> codes, std::span<const std::byte> scales,
                 std::vector<std::byte>& out) {
  const auto code = [](const std::byte* block, uint64_t value) {
    return block[value / 2] >> (value % 2 * 4) & std::byte{0xF};
  };
  for (size_t b = 0; b < scales.size(); ++b) {
    const std::byte* const block = codes.data() + b * kMxfp4CodeBytes;
    out.push_back(scales[b]);
    for (uint64_t i = 0; i < kMxfp4CodeBytes; ++i) {
      out.push_back(code(block, i) | code(block, i + kMxfp4CodeBytes) << 4);
    }
  }
}

}  // namespace ledge
