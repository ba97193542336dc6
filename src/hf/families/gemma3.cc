// Gemma 3, text: Gemma 2's norms, heads of query and key normalised, most layers sliding and turned
// by a base of their own.
#include "hf/family.h"
#include "hf/gemma.h"

namespace ledge {
namespace hf_gemma3 {

constexpr std::string_view kModels[] = {"Gemma3ForCausalLM"};

// Where transformers 5 keeps what sliding layers turn by.
Result<double> LocalBase(const HfConfig& config) {
  LEDGE_TRY(const auto parameters, config.Object("rope_parameters"));
  if (parameters) {
    LEDGE_TRY(const auto sliding, parameters->Object("sliding_attention"));
    if (sliding) return sliding->Number("rope_theta", 10000);
  }
  return config.Number("rope_local_base_freq", 10000);
}

Result<void> ConvertGemma3(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  if (config.has("attn_logit_softcapping")) {
    return config.Unsupported("attn_logit_softcapping", "is set; Gemma 3 has none");
  }
  LEDGE_TRY(const bool listed, ConvertGemmaDecoder(conversion, {.attention = kHfAttentionWithNorms,
                                                                .divided_layers = 62}));
  LEDGE_CHECK_OK(
      conversion.CopyNumberIfThere("final_logit_softcapping", "final_logit_softcapping"));
  LEDGE_TRY(const double local, LocalBase(config));
  conversion.PutNumber("rope.freq_base_swa", local);
  if (listed) return {};
  LEDGE_TRY(const uint64_t period, config.Count("sliding_window_pattern", 6));
  conversion.PutCount("attention.sliding_window_pattern", period);
  return {};
}

}  // namespace hf_gemma3

extern const HfFamily kFamily_gemma3;
const HfFamily kFamily_gemma3 = {"gemma3", hf_gemma3::kModels, &hf_gemma3::ConvertGemma3};

}  // namespace ledge
