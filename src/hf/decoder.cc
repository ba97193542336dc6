#include "hf/decoder.h"

#include <algorithm>
#include <initializer_list>

#include "hf/rope.h"

namespace ledge {
namespace {

constexpr std::string_view kOutputWeight = "lm_head.weight";

class DecoderConversion {
 public:
  DecoderConversion(Conversion& conversion, const HfDecoder& decoder)
      : c_(conversion), config_(conversion.config()), decoder_(decoder) {}

  Result<void> Run() {
    LEDGE_CHECK_OK(RequireText(config_, decoder_.activation_field, decoder_.activation));
    LEDGE_CHECK_OK(RequireBool(config_, "is_causal", true, true));
    LEDGE_TRY(shape_, ReadHfShape(config_));
    LEDGE_CHECK_OK(PutShape());
    LEDGE_TRY(const uint64_t dims, RotatedDims(config_, shape_.head, decoder_.rotated));
    LEDGE_CHECK_OK(ConvertRope(c_, {.dims = dims}));
    LEDGE_CHECK_OK(PutExperts());
    LEDGE_CHECK_OK(ReadBiases());
    LEDGE_CHECK_OK(TakeEnds());
    for (uint64_t i = 0; i < shape_.layers; ++i) LEDGE_CHECK_OK(TakeLayer(i));
    return {};
  }

 private:
  Result<void> PutShape() {
    c_.PutCount("block_count", shape_.layers, "num_hidden_layers");
    LEDGE_CHECK_OK(c_.CopyCount("max_position_embeddings", "context_length"));
    c_.PutCount("embedding_length", shape_.width, "hidden_size");
    LEDGE_CHECK_OK(c_.CopyCount(decoder_.feed_forward_field, "feed_forward_length"));
    c_.PutCount("attention.head_count", shape_.heads, "num_attention_heads");
    constexpr std::string_view kShared = "num_key_value_heads";
    LEDGE_TRY(const uint64_t shared, config_.Count(kShared, shape_.heads));
    if (decoder_.mixers.empty()) {
      c_.PutCount("attention.head_count_kv", shared, kShared);
    } else {
      std::vector<uint64_t> each(decoder_.mixers.size(), shared);
      for (size_t i = 0; i < each.size(); ++i) each[i] = decoder_.mixers[i] ? 0 : shared;
      c_.PutCounts("attention.head_count_kv", each, kShared);
    }
    c_.PutCount("attention.key_length", shape_.head, "head_dim");
    c_.PutCount("attention.value_length", shape_.head, "head_dim");
    LEDGE_CHECK_OK(PutEpsilon());
    if (!decoder_.window) return {};
    constexpr std::string_view kWindow = "sliding_window";
    LEDGE_TRY(const uint64_t window, config_.Count(kWindow, 0));
    LEDGE_TRY(const bool used, config_.Bool("use_sliding_window", true));
    if (window > 0 && used) c_.PutCount("attention.sliding_window", window, kWindow);
    return {};
  }

  Result<void> PutEpsilon() {
    if (!decoder_.layer_norm) {
      return c_.CopyNumber("rms_norm_eps", "attention.layer_norm_rms_epsilon");
    }
    return c_.CopyNumber(FirstOf({"layer_norm_eps", "norm_epsilon", "layer_norm_epsilon"}),
                         "attention.layer_norm_epsilon");
  }

  Result<void> PutExperts() {
    if (decoder_.experts.router.empty()) return {};
    const std::string_view count = FirstOf({"num_local_experts", "num_experts", "moe_num_experts"});
    LEDGE_TRY(experts_, config_.Count(count, 0));
    if (experts_ == 0) return {};
    c_.PutCount("expert_count", experts_, count);
    LEDGE_CHECK_OK(c_.CopyCount(FirstOf({"num_experts_per_tok", "moe_k"}), "expert_used_count"));
    constexpr std::string_view kLength = "moe_intermediate_size";
    return config_.has(kLength) ? c_.CopyCount(kLength, "expert_feed_forward_length")
                                : Result<void>();
  }

  // Of those that not all models of a family have.
  Result<void> ReadBiases() {
    LEDGE_TRY(const bool all, config_.Bool("use_bias", false));
    LEDGE_TRY(const bool attention, config_.Bool("attention_bias", false));
    LEDGE_TRY(const bool input, config_.Bool("use_qkv_bias", false));
    LEDGE_TRY(const bool feed_forward, config_.Bool("mlp_bias", false));
    biases_.attention = all || attention || input;
    biases_.output = all || (attention && decoder_.output_biased);
    biases_.feed_forward = all || feed_forward;
    return {};
  }

  // The first of the field's names that is there, else the first of all.
  std::string_view FirstOf(std::initializer_list<std::string_view> names) const {
    const auto* const found =
        std::ranges::find_if(names, [this](std::string_view name) { return config_.has(name); });
    return found == names.end() ? *names.begin() : *found;
  }

  // A file holds a tensor that is tied under one of its two names, and that may be the output's.
  Result<std::string> NameOfEmbedding(const std::string& prefix) const {
    const std::string name = prefix + "embed_tokens.weight";
    LEDGE_TRY(const bool tied, config_.Bool("tie_word_embeddings", false));
    return tied && !c_.has(name) && c_.has(kOutputWeight) ? std::string(kOutputWeight) : name;
  }

  Result<void> TakeEnds() {
    const std::string prefix(decoder_.prefix);
    LEDGE_TRY(const std::string embedding, NameOfEmbedding(prefix));
    LEDGE_CHECK_OK(c_.Take(embedding, "token_embd.weight"));
    LEDGE_CHECK_OK(c_.TakeBoth(prefix + std::string(decoder_.final_norm), "output_norm",
                               {.biased = decoder_.layer_norm, .plus = decoder_.norm_plus}));
    return TakeOutput(c_);
  }

  Result<void> TakeLayer(uint64_t index) {
    const std::string from = fmt::format("{}layers.{}.", decoder_.prefix, index);
    const std::string to = fmt::format("blk.{}.", index);
    const auto take = [&](const HfLayerName& name, HfChange change) {
      change.biased = change.biased || name.biased;
      return c_.TakeBoth(from + std::string(name.from), to + std::string(name.to), change);
    };
    for (const HfLayerName& name : decoder_.norms) {
      LEDGE_CHECK_OK(take(name, {.biased = decoder_.layer_norm, .plus = decoder_.norm_plus}));
    }
    const bool mixer = !decoder_.mixers.empty() && decoder_.mixers[index];
    for (const HfLayerName& name : mixer ? std::span<const HfLayerName>() : decoder_.attention) {
      const bool turns = name.to == "attn_q" || name.to == "attn_k";
      const bool norm = name.to.ends_with("_norm");
      const bool output = name.to == "attn_output";
      LEDGE_CHECK_OK(take(name, {.biased = !norm && (output ? biases_.output : biases_.attention),
                                 .paired_rows = decoder_.paired && turns ? shape_.head : 0,
                                 .plus = norm ? decoder_.norm_plus : 0}));
    }
    // Frequencies that the configuration implies.
    c_.Ignore(from + "self_attn.rotary_emb.inv_freq");
    const std::string router = from + std::string(decoder_.experts.router);
    const bool mixture = experts_ > 0 && (c_.has(router + ".weight") || HasExperts(from));
    if (mixture) LEDGE_CHECK_OK(TakeExperts(from, to, router));
    for (const HfLayerName& name : mixture ? decoder_.shared : decoder_.feed_forward) {
      LEDGE_CHECK_OK(take(name, {.biased = !mixture && biases_.feed_forward}));
    }
    return {};
  }

  // A layer may be dense, but not one with experts and no router.
  bool HasExperts(const std::string& from) const {
    const HfExperts& names = decoder_.experts;
    if (!names.sign.empty()) return c_.has(from + std::string(names.sign));
    const std::string each = from + std::string(names.each);
    return !names.each.empty() && (c_.has(each + "gate_up_proj") ||
                                   c_.has(fmt::format("{}0.{}.weight", each, names.gate)));
  }

  // One matrix an expert, or (transformers 5) all experts' in one, gate and up together.
  Result<void> TakeExperts(const std::string& from, const std::string& to,
                           const std::string& router) {
    const HfExperts& names = decoder_.experts;
    LEDGE_CHECK_OK(c_.TakeBoth(router, to + "ffn_gate_inp"));
    if (names.each.empty()) return {};
    const std::string each = from + std::string(names.each);
    if (c_.has(each + "gate_up_proj")) {
      const std::string both = each + "gate_up_proj";
      LEDGE_CHECK_OK(c_.TakeSlice(both, to + "ffn_gate_exps.weight", {.part = 0, .parts = 2}));
      LEDGE_CHECK_OK(c_.TakeSlice(both, to + "ffn_up_exps.weight", {.part = 1, .parts = 2}));
      return c_.TakeSlice(each + "down_proj", to + "ffn_down_exps.weight", {});
    }
    for (const auto& [name, made] : {std::pair{names.gate, "ffn_gate_exps.weight"},
                                     {names.up, "ffn_up_exps.weight"},
                                     {names.down, "ffn_down_exps.weight"}}) {
      LEDGE_CHECK_OK(c_.Stack(each, experts_, fmt::format(".{}.weight", name), to + made));
    }
    return {};
  }

  Conversion& c_;
  const HfConfig& config_;
  const HfDecoder& decoder_;
  struct Biases {
    bool attention = false;
    bool output = false;
    bool feed_forward = false;
  };

  HfShape shape_;
  uint64_t experts_ = 0;
  Biases biases_;
};

}  // namespace

Result<HfShape> ReadHfShape(const HfConfig& config) {
  HfShape shape;
  LEDGE_TRY(shape.layers, config.Count("num_hidden_layers"));
  LEDGE_TRY(shape.width, config.Count("hidden_size"));
  constexpr std::string_view kHeads = "num_attention_heads";
  LEDGE_TRY(shape.heads, config.Count(kHeads));
  if (shape.heads == 0) return config.Malformed(kHeads, "is 0; it should be from 1 up");
  LEDGE_TRY(shape.head, config.Count("head_dim", shape.width / shape.heads));
  return shape;
}

Result<void> TakeOutput(Conversion& conversion) {
  constexpr std::string_view kTied = "tie_word_embeddings";
  const HfConfig& config = conversion.config();
  // Where the two are one, a second copy in the file is not what is computed with.
  LEDGE_TRY(const bool tied, config.Bool(kTied, false));
  conversion.Ignore(kOutputWeight);
  const bool there = conversion.has(kOutputWeight) || conversion.has("lm_head.bias");
  if (tied || (!there && !config.has(kTied))) return {};
  return conversion.TakeBoth("lm_head", "output");
}

Result<void> ConvertDecoder(Conversion& conversion, const HfDecoder& decoder) {
  return DecoderConversion(conversion, decoder).Run();
}

Result<void> RequireText(const HfConfig& config, std::string_view field, std::string_view value) {
  LEDGE_TRY(const std::string text, config.Text(field, value));
  if (text == value) return {};
  return config.Unsupported(
      field, fmt::format("is \"{}\"; it should be \"{}\"", PrintableLine(text, 60), value));
}

Result<void> RequireBool(const HfConfig& config, std::string_view field, bool value,
                         bool fallback) {
  LEDGE_TRY(const bool is, config.Bool(field, fallback));
  if (is == value) return {};
  return config.Unsupported(field, fmt::format("is {}; only {} is supported", is, value));
}

Result<std::optional<std::vector<bool>>> SlidingLayers(const HfConfig& config, uint64_t layers) {
  constexpr std::string_view kField = "layer_types";
  LEDGE_TRY(const std::vector<std::string> types, config.Texts(kField));
  if (types.empty()) return std::optional<std::vector<bool>>();
  if (types.size() != layers) {
    return config.Malformed(kField, fmt::format("has {} entries; it should have one a layer, {}",
                                                types.size(), layers));
  }
  std::vector<bool> sliding;
  for (const std::string& type : types) {
    if (type != "sliding_attention" && type != "full_attention") {
      return config.Unsupported(
          kField,
          fmt::format("has \"{}\" in it; sliding_attention and full_attention are supported",
                      PrintableLine(type, 40)));
    }
    sliding.push_back(type == "sliding_attention");
  }
  return std::optional(std::move(sliding));
}

}  // namespace ledge
