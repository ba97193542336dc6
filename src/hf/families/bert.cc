// BERT and what was trained from it (MiniLM, BGE, E5). The pooler and the heads of its pre-training
// are no part of an embedding.
#include <utility>

#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_bert {

constexpr std::string_view kModels[] = {"BertModel", "BertForMaskedLM"};

constexpr std::pair<std::string_view, std::string_view> kFields[] = {
    {"num_hidden_layers", "block_count"},
    {"max_position_embeddings", "context_length"},
    {"hidden_size", "embedding_length"},
    {"intermediate_size", "feed_forward_length"},
    {"num_attention_heads", "attention.head_count"},
};
constexpr HfLayerName kLayer[] = {
    {"attention.self.query", "attn_q"},
    {"attention.self.key", "attn_k"},
    {"attention.self.value", "attn_v"},
    {"attention.output.dense", "attn_output"},
    {"attention.output.LayerNorm", "attn_output_norm"},
    {"intermediate.dense", "ffn_up"},
    {"output.dense", "ffn_down"},
    {"output.LayerNorm", "layer_output_norm"},
};

// Files of before 2019 call a norm's weight gamma and its bias beta.
Result<void> TakeNorm(Conversion& c, const std::string& from, const std::string& to) {
  if (!c.has(from + ".gamma")) return c.TakeBoth(from, to, {.biased = true});
  LEDGE_CHECK_OK(c.Take(from + ".gamma", to + ".weight"));
  return c.Take(from + ".beta", to + ".bias");
}

Result<void> ConvertBert(Conversion& c) {
  const HfConfig& config = c.config();
  LEDGE_CHECK_OK(RequireText(config, "hidden_act", "gelu"));
  LEDGE_CHECK_OK(RequireText(config, "position_embedding_type", "absolute"));
  LEDGE_TRY(const uint64_t layers, config.Count("num_hidden_layers"));
  for (const auto& [field, name] : kFields) {
    LEDGE_CHECK_OK(c.CopyCount(field, name));
  }
  LEDGE_CHECK_OK(c.CopyNumber("layer_norm_eps", "attention.layer_norm_epsilon"));
  c.PutBool("attention.causal", false);
  const std::string prefix = c.has("bert.embeddings.word_embeddings.weight") ? "bert." : "";
  const std::string ends = prefix + "embeddings.";
  LEDGE_CHECK_OK(c.Take(ends + "word_embeddings.weight", "token_embd.weight"));
  LEDGE_CHECK_OK(c.Take(ends + "position_embeddings.weight", "position_embd.weight"));
  LEDGE_CHECK_OK(
      c.Take(ends + "token_type_embeddings.weight", "token_types.weight", {.needed = false}));
  LEDGE_CHECK_OK(TakeNorm(c, ends + "LayerNorm", "token_embd_norm"));
  for (uint64_t i = 0; i < layers; ++i) {
    for (const HfLayerName& name : kLayer) {
      LEDGE_CHECK_OK(TakeNorm(c, fmt::format("{}encoder.layer.{}.{}", prefix, i, name.from),
                              fmt::format("blk.{}.{}", i, name.to)));
    }
  }
  c.Ignore(ends + "position_ids");
  c.IgnorePrefix(prefix + "pooler.");
  c.IgnorePrefix("cls.");
  return {};
}

}  // namespace hf_bert

extern const HfFamily kFamily_bert;
const HfFamily kFamily_bert = {"bert", hf_bert::kModels, &hf_bert::ConvertBert};

}  // namespace ledge
