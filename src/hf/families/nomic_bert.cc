// Nomic Embed 1 and 1.5: BERT with turned heads instead of learned positions and a SwiGLU
// feed-forward, query, key and value in one matrix.
#include <algorithm>
#include <utility>

#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_nomic_bert {

constexpr std::string_view kModels[] = {"NomicBertModel"};

constexpr std::pair<std::string_view, std::string_view> kFields[] = {
    {"n_layer", "block_count"},
    {"n_embd", "embedding_length"},
    {"n_inner", "feed_forward_length"},
    {"n_head", "attention.head_count"},
};
constexpr HfLayerName kLayer[] = {
    {"attn.Wqkv", "attn_qkv"},
    {"attn.out_proj", "attn_output"},
    {"norm1", "attn_output_norm", true},
    {"mlp.fc11", "ffn_up"},
    {"mlp.fc12", "ffn_gate"},
    {"mlp.fc2", "ffn_down"},
    {"norm2", "layer_output_norm", true},
};

// What other models of this class do and the architecture doesn't.
Result<void> CheckPlain(const HfConfig& config) {
  LEDGE_CHECK_OK(RequireText(config, "activation_function", "swiglu"));
  for (const std::string_view field :
       {"causal", "prenorm", "parallel_block", "use_rms_norm", "rotary_emb_interleaved"}) {
    LEDGE_CHECK_OK(RequireBool(config, field, false, false));
  }
  constexpr std::string_view kExperts = "moe_every_n_layers";
  LEDGE_TRY(const uint64_t every, config.Count(kExperts, 0));
  if (every > 0) {
    return config.Unsupported(kExperts, fmt::format("is {}; mixtures of experts are not supported "
                                                    "for this architecture",
                                                    every));
  }
  constexpr std::string_view kShare = "rotary_emb_fraction";
  LEDGE_TRY(const double share, config.Number(kShare, 1));
  if (share != 1) {
    return config.Unsupported(kShare, fmt::format("is {}; only 1 is supported", share));
  }
  constexpr std::string_view kScale = "rotary_emb_scale_base";
  if (config.has(kScale)) return config.Unsupported(kScale, "is set; only null is supported");
  return {};
}

// It was trained for fewer positions than it is said to reach by stretching.
Result<void> PutContext(Conversion& c) {
  LEDGE_TRY(const uint64_t positions, c.config().Count("n_positions"));
  LEDGE_TRY(const uint64_t trained, c.config().Count("max_trained_positions", 2048));
  c.PutCount("context_length", std::min(positions, trained));
  return {};
}

Result<void> ConvertNomicBert(Conversion& c) {
  const HfConfig& config = c.config();
  LEDGE_CHECK_OK(CheckPlain(config));
  for (const auto& [field, name] : kFields) LEDGE_CHECK_OK(c.CopyCount(field, name));
  LEDGE_CHECK_OK(PutContext(c));
  LEDGE_CHECK_OK(c.CopyNumber("layer_norm_epsilon", "attention.layer_norm_epsilon"));
  LEDGE_CHECK_OK(c.CopyNumber("rotary_emb_base", "rope.freq_base"));
  c.PutBool("attention.causal", false);
  LEDGE_CHECK_OK(c.Take("embeddings.word_embeddings.weight", "token_embd.weight"));
  LEDGE_CHECK_OK(
      c.Take("embeddings.token_type_embeddings.weight", "token_types.weight", {.needed = false}));
  LEDGE_CHECK_OK(c.TakeBoth("emb_ln", "token_embd_norm", {.biased = true}));
  LEDGE_TRY(const uint64_t layers, config.Count("n_layer"));
  for (uint64_t i = 0; i < layers; ++i) {
    for (const HfLayerName& name : kLayer) {
      LEDGE_CHECK_OK(c.TakeBoth(fmt::format("encoder.layers.{}.{}", i, name.from),
                                fmt::format("blk.{}.{}", i, name.to), {.biased = name.biased}));
    }
  }
  c.IgnorePrefix("pooler.");
  c.IgnorePrefix("cls.");
  return {};
}

}  // namespace hf_nomic_bert

extern const HfFamily kFamily_nomic_bert;
const HfFamily kFamily_nomic_bert = {"nomic-bert", hf_nomic_bert::kModels,
                                     &hf_nomic_bert::ConvertNomicBert};

}  // namespace ledge
