// GPT-2: learned positions, layer norms, a plain feed-forward. Its matrices have columns for rows.
// Files have "transformer." in front of the names or, the oldest, nothing, and masks as tensors.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_gpt2 {

constexpr std::string_view kModels[] = {"GPT2LMHeadModel"};

constexpr HfLayerName kNorms[] = {{"ln_1", "attn_norm"}, {"ln_2", "ffn_norm"}};
constexpr HfLayerName kMatrices[] = {
    {"attn.c_attn", "attn_qkv"},
    {"attn.c_proj", "attn_output"},
    {"mlp.c_fc", "ffn_up"},
    {"mlp.c_proj", "ffn_down"},
};

Result<void> PutShape(Conversion& c) {
  const HfConfig& config = c.config();
  LEDGE_CHECK_OK(c.CopyCount("n_layer", "block_count"));
  LEDGE_CHECK_OK(
      c.CopyCount(config.has("n_positions") ? "n_positions" : "n_ctx", "context_length"));
  LEDGE_TRY(const uint64_t width, config.Count("n_embd"));
  c.PutCount("embedding_length", width);
  LEDGE_TRY(const uint64_t inner, config.Count("n_inner", 4 * width));
  c.PutCount("feed_forward_length", inner);
  LEDGE_CHECK_OK(c.CopyCount("n_head", "attention.head_count"));
  return c.CopyNumber("layer_norm_epsilon", "attention.layer_norm_epsilon");
}

Result<void> TakeLayer(Conversion& c, const std::string& from, const std::string& to) {
  for (const HfLayerName& name : kNorms) {
    LEDGE_CHECK_OK(
        c.TakeBoth(from + std::string(name.from), to + std::string(name.to), {.biased = true}));
  }
  for (const HfLayerName& name : kMatrices) {
    const std::string source = from + std::string(name.from);
    const std::string made = to + std::string(name.to);
    LEDGE_CHECK_OK(c.TakeSlice(source + ".weight", made + ".weight", {.transposed = true}));
    LEDGE_CHECK_OK(c.Take(source + ".bias", made + ".bias"));
  }
  c.Ignore(from + "attn.bias");
  c.Ignore(from + "attn.masked_bias");
  return {};
}

Result<void> ConvertGpt2(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_CHECK_OK(RequireText(config, "activation_function", "gelu_new"));
  LEDGE_CHECK_OK(RequireBool(config, "scale_attn_weights", true, true));
  LEDGE_CHECK_OK(RequireBool(config, "scale_attn_by_inverse_layer_idx", false, false));
  LEDGE_CHECK_OK(PutShape(conversion));
  const std::string prefix = conversion.has("transformer.wte.weight") ? "transformer." : "";
  LEDGE_CHECK_OK(conversion.Take(prefix + "wte.weight", "token_embd.weight"));
  LEDGE_CHECK_OK(conversion.Take(prefix + "wpe.weight", "position_embd.weight"));
  LEDGE_CHECK_OK(conversion.TakeBoth(prefix + "ln_f", "output_norm", {.biased = true}));
  LEDGE_CHECK_OK(TakeOutput(conversion));
  LEDGE_TRY(const uint64_t layers, config.Count("n_layer"));
  for (uint64_t i = 0; i < layers; ++i) {
    LEDGE_CHECK_OK(
        TakeLayer(conversion, fmt::format("{}h.{}.", prefix, i), fmt::format("blk.{}.", i)));
  }
  return {};
}

}  // namespace hf_gpt2

extern const HfFamily kFamily_gpt2;
const HfFamily kFamily_gpt2 = {"gpt2", hf_gpt2::kModels, &hf_gpt2::ConvertGpt2};

}  // namespace ledge
