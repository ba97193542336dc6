#include "hf/gemma.h"

namespace ledge {

Result<void> CheckGemmaScale(const HfConfig& config, const HfShape& shape,
                             uint64_t divided_layers) {
  constexpr std::string_view kField = "query_pre_attn_scalar";
  const uint64_t expected = shape.layers == divided_layers ? shape.width / shape.heads : shape.head;
  LEDGE_TRY(const uint64_t scalar, config.Count(kField, expected));
  if (scalar == expected) return {};
  return config.Unsupported(
      kField, fmt::format("is {}; with {} layers it should be {}", scalar, shape.layers, expected));
}

}  // namespace ledge
