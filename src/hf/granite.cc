#include "hf/granite.h"

#include <algorithm>
#include <utility>

namespace ledge {

Result<void> CopyGraniteMultipliers(Conversion& conversion) {
  constexpr std::pair<std::string_view, std::string_view> kFields[] = {
      {"attention_multiplier", "attention.scale"},
      {"embedding_multiplier", "embedding_scale"},
      {"residual_multiplier", "residual_scale"},
      {"logits_scaling", "logit_scale"},
  };
  for (const auto& [field, name] : kFields) {
    LEDGE_CHECK_OK(conversion.CopyNumberIfThere(field, name));
  }
  return {};
}

Result<void> TakeGraniteFeedForward(Conversion& conversion, const std::string& from,
                                    const std::string& to, std::string_view suffix) {
  const std::string both = from + "input_linear.weight";
  const auto name = [&](std::string_view part) {
    return fmt::format("{}ffn_{}{}.weight", to, part, suffix);
  };
  LEDGE_CHECK_OK(conversion.TakeSlice(both, name("gate"), {.part = 0, .parts = 2}));
  LEDGE_CHECK_OK(conversion.TakeSlice(both, name("up"), {.part = 1, .parts = 2}));
  return conversion.Take(from + "output_linear.weight", name("down"));
}

Result<void> TakeGraniteExperts(Conversion& conversion, const std::string& from,
                                const std::string& to) {
  LEDGE_CHECK_OK(TakeGraniteFeedForward(conversion, from + "block_sparse_moe.", to, "_exps"));
  const std::string shared = from + "shared_mlp.";
  if (!conversion.has(shared + "input_linear.weight") &&
      !conversion.has(shared + "output_linear.weight"))
    return {};
  return TakeGraniteFeedForward(conversion, shared, to, "_shexp");
}

Result<bool> IsGraniteHybrid(const HfConfig& config) {
  LEDGE_TRY(const std::vector<std::string> types, config.Texts("layer_types"));
  LEDGE_TRY(const uint64_t experts, config.Count("num_local_experts", 0));
  return experts > 0 ||
         std::ranges::any_of(types, [](const std::string& type) { return type != "attention"; });
}

}  // namespace ledge
