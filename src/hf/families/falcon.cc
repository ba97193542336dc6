// Falcon 7B, 11B and 40B: attention and a plain feed-forward side by side. The rows of query, key
// and value are in groups, the heads that share a key behind one another and then key and value;
// GGUF has all queries first.
#include "hf/decoder.h"
#include "hf/family.h"
#include "hf/rope.h"

namespace ledge {
namespace hf_falcon {

constexpr std::string_view kModels[] = {"FalconForCausalLM", "RWForCausalLM"};

constexpr HfLayerName kMatrices[] = {
    {"self_attention.dense", "attn_output"},
    {"mlp.dense_h_to_4h", "ffn_up"},
    {"mlp.dense_4h_to_h", "ffn_down"},
};

struct Heads {
  uint64_t all = 0;
  uint64_t groups = 0;  // of heads with a key and value of their own
  uint64_t length = 0;
};

// Older files say n_head, n_head_kv and n_layer.
std::string_view Either(const HfConfig& config, std::string_view name, std::string_view old) {
  return config.has(name) || !config.has(old) ? name : old;
}

Result<Heads> ReadHeads(const HfConfig& config) {
  Heads heads;
  const std::string_view field = Either(config, "num_attention_heads", "n_head");
  LEDGE_TRY(heads.all, config.Count(field));
  LEDGE_TRY(const uint64_t width, config.Count("hidden_size"));
  if (heads.all == 0 || width % heads.all != 0) {
    return config.Malformed(
        field, fmt::format("is {}; it should divide hidden_size, which is {}", heads.all, width));
  }
  heads.length = width / heads.all;
  const std::string_view shared = Either(config, "num_kv_heads", "n_head_kv");
  LEDGE_TRY(const bool grouped, config.Bool("new_decoder_architecture", config.has("n_head_kv")));
  LEDGE_TRY(const bool one, config.Bool("multi_query", true));
  LEDGE_TRY(heads.groups, config.Count(shared, heads.all));
  if (!grouped) heads.groups = one ? 1 : heads.all;
  if (heads.groups == 0 || heads.all % heads.groups != 0 || heads.groups > kMaxHfParts) {
    return config.Malformed(shared, fmt::format("is {}; it should divide the {} heads, up to {}",
                                                heads.groups, heads.all, kMaxHfParts));
  }
  return heads;
}

Result<void> PutShape(Conversion& c, const Heads& heads) {
  const HfConfig& config = c.config();
  LEDGE_CHECK_OK(c.CopyCount(Either(config, "num_hidden_layers", "n_layer"), "block_count"));
  LEDGE_TRY(const uint64_t context, config.Count("max_position_embeddings", 2048));
  c.PutCount("context_length", context);
  LEDGE_TRY(const uint64_t width, config.Count("hidden_size"));
  c.PutCount("embedding_length", width);
  LEDGE_TRY(const uint64_t inner, config.Count("ffn_hidden_size", 4 * width));
  c.PutCount("feed_forward_length", inner);
  c.PutCount("attention.head_count", heads.all);
  c.PutCount("attention.head_count_kv", heads.groups);
  c.PutText("tensor_data_layout", "jploski");  // what files call this order of rows
  return c.CopyNumber("layer_norm_epsilon", "attention.layer_norm_epsilon");
}

Result<void> TakeAttention(Conversion& c, const Heads& heads, const std::string& from,
                           const std::string& to) {
  const uint64_t queries = heads.all / heads.groups;
  std::vector<HfRows> ranges;
  const auto add = [&](uint64_t head, uint64_t count) {
    for (uint64_t g = 0; g < heads.groups; ++g) {
      ranges.push_back({(g * (queries + 2) + head) * heads.length, count * heads.length});
    }
  };
  add(0, queries);
  add(queries, 1);
  add(queries + 1, 1);
  return c.TakeRows(from + "self_attention.query_key_value.weight", to + "attn_qkv.weight", ranges);
}

Result<void> TakeLayer(Conversion& c, const Heads& heads, const std::string& from,
                       const std::string& to) {
  const bool own = c.has(from + "ln_mlp.weight");  // attention has a norm of its own
  LEDGE_CHECK_OK(
      c.TakeBoth(from + (own ? "ln_mlp" : "input_layernorm"), to + "attn_norm", {.biased = true}));
  if (own) LEDGE_CHECK_OK(c.TakeBoth(from + "ln_attn", to + "attn_norm_2", {.biased = true}));
  LEDGE_CHECK_OK(TakeAttention(c, heads, from, to));
  for (const HfLayerName& name : kMatrices) {
    LEDGE_CHECK_OK(
        c.Take(from + std::string(name.from) + ".weight", to + std::string(name.to) + ".weight"));
  }
  return {};
}

Result<void> ConvertFalcon(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_CHECK_OK(RequireBool(config, "alibi", false, false));
  LEDGE_CHECK_OK(RequireBool(config, "parallel_attn", true, true));
  LEDGE_CHECK_OK(RequireText(config, "activation", "gelu"));
  LEDGE_TRY(const Heads heads, ReadHeads(config));
  LEDGE_CHECK_OK(PutShape(conversion, heads));
  LEDGE_CHECK_OK(ConvertRope(conversion, {.dims = heads.length}));
  LEDGE_CHECK_OK(conversion.Take("transformer.word_embeddings.weight", "token_embd.weight"));
  LEDGE_CHECK_OK(conversion.TakeBoth("transformer.ln_f", "output_norm", {.biased = true}));
  LEDGE_CHECK_OK(TakeOutput(conversion));
  LEDGE_TRY(const uint64_t layers, config.Count(Either(config, "num_hidden_layers", "n_layer")));
  for (uint64_t i = 0; i < layers; ++i) {
    LEDGE_CHECK_OK(TakeLayer(conversion, heads, fmt::format("transformer.h.{}.", i),
                             fmt::format("blk.{}.", i)));
  }
  return {};
}

}  // namespace hf_falcon

extern const HfFamily kFamily_falcon;
const HfFamily kFamily_falcon = {"falcon", hf_falcon::kModels, &hf_falcon::ConvertFalcon};

}  // namespace ledge
