// gpt-oss: experts as MXFP4, or as floats with columns for rows; of what goes into one, rows of the
// gate and of up alternate. A learned score of seeing nothing, every other layer sliding. GGUF
// calls the norm before the feed-forward post_attention_norm.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_gpt_oss {

constexpr std::string_view kModels[] = {"GptOssForCausalLM"};

constexpr HfLayerName kNorms[] = {
    {"input_layernorm", "attn_norm"},
    {"post_attention_layernorm", "post_attention_norm"},
};
constexpr HfExperts kExperts = {.router = "mlp.router", .sign = "mlp.experts.down_proj_bias"};

// What an expert's matrix becomes: one of `parts` that alternate in it.
struct Part {
  std::string_view from;
  std::string_view to;
  uint64_t part;
  uint64_t parts;
};
constexpr Part kParts[] = {
    {"gate_up_proj", "ffn_gate_exps", 0, 2},
    {"gate_up_proj", "ffn_up_exps", 1, 2},
    {"down_proj", "ffn_down_exps", 0, 1},
};

Result<void> TakeLayer(Conversion& c, const std::string& from, const std::string& to) {
  LEDGE_CHECK_OK(c.Take(from + "self_attn.sinks", to + "attn_sinks.weight"));
  for (const Part& part : kParts) {
    const std::string name = from + "mlp.experts." + std::string(part.from);
    const std::string made = to + std::string(part.to);
    LEDGE_CHECK_OK(c.TakeEvery(name + "_bias", made + ".bias", part.part, part.parts));
    if (c.has(name + "_blocks")) {
      LEDGE_CHECK_OK(c.TakeMxfp4(name, made + ".weight", part.part, part.parts));
      continue;
    }
    LEDGE_CHECK_OK(c.TakeSlice(
        name, made + ".weight",
        {.part = part.part, .parts = part.parts, .interleaved = true, .transposed = true}));
  }
  return {};
}

// The architecture's period is 2, layer 0 slides, and what the gate is clamped to is its own.
Result<void> CheckFixed(const HfConfig& config, uint64_t layers) {
  constexpr std::string_view kLimit = "swiglu_limit";
  LEDGE_TRY(const double limit, config.Number(kLimit, 7));
  if (limit != 7) return config.Unsupported(kLimit, fmt::format("is {}; it should be 7", limit));
  LEDGE_TRY(const auto sliding, SlidingLayers(config, layers));
  for (uint64_t i = 0; sliding && i < layers; ++i) {
    if ((*sliding)[i] == (i % 2 == 0)) continue;
    return config.Unsupported("layer_types",
                              "don't alternate; sliding_attention should be every "
                              "other one, the first included");
  }
  return {};
}

Result<void> ConvertGptOss(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfShape shape, ReadHfShape(config));
  LEDGE_CHECK_OK(CheckFixed(config, shape.layers));
  LEDGE_CHECK_OK(ConvertDecoder(conversion,
                                {.norms = kNorms, .attention = kHfAttention, .experts = kExperts}));
  for (uint64_t i = 0; i < shape.layers; ++i) {
    LEDGE_CHECK_OK(
        TakeLayer(conversion, fmt::format("model.layers.{}.", i), fmt::format("blk.{}.", i)));
  }
  LEDGE_CHECK_OK(conversion.CopyCount("sliding_window", "attention.sliding_window"));
  return conversion.CopyCount("intermediate_size", "expert_feed_forward_length");
}

}  // namespace hf_gpt_oss

extern const HfFamily kFamily_gpt_oss;
const HfFamily kFamily_gpt_oss = {"gpt-oss", hf_gpt_oss::kModels, &hf_gpt_oss::ConvertGptOss};

}  // namespace ledge
