#include "model/decoder_builder.h"

#include <cmath>

#include "kernels/kv_page.h"
#include "model/expert_weights.h"
#include "model/rope_metadata.h"
#include "model/ssm_weights.h"

namespace ledge {
namespace {

constexpr std::string_view kEmbedding = "token_embd.weight";

class DecoderBuilder {
 public:
  DecoderBuilder(const Hyperparameters& numbers, TensorFinder& weights, const DecoderPlan& plan)
      : numbers_(numbers), weights_(weights), plan_(plan) {}

  Result<ModelSpec> Build() {
    ModelSpec spec;
    LEDGE_CHECK_OK(ReadShape());
    LEDGE_CHECK_OK(ReadAttention());
    LEDGE_TRY(experts_, ReadExperts(numbers_, plan_, feed_forward_));
    if (plan_.rope) {
      LEDGE_TRY(Rope rope, ReadRope(numbers_, weights_, attention_.key_dim, context_));
      spec.ropes.push_back(std::move(rope));
    } else {
      attention_.rope = kNoRope;
    }
    LEDGE_TRY(spec.vocabulary, ReadVocabulary());
    spec.width = width_;
    spec.trained_context = context_;
    spec.rope_paired = plan_.rope_paired;
    spec.encoder = plan_.encoder;
    LEDGE_TRY(const double epsilon,
              numbers_.Positive(plan_.norm == NormKind::kRms ? "attention.layer_norm_rms_epsilon"
                                                             : "attention.layer_norm_epsilon"));
    spec.norm_epsilon = static_cast<float>(epsilon);
    LEDGE_CHECK_OK(TakeEnds(spec));
    spec.layers.resize(layers_);
    for (uint32_t i = 0; i < layers_; ++i) {
      attention_.kv_heads = kv_heads_[i];
      LEDGE_CHECK_OK(TakeLayer(fmt::format("blk.{}.", i), spec.layers[i]));
    }
    return spec;
  }

 private:
  Result<void> ReadShape() {
    LEDGE_TRY(layers_, numbers_.Count("block_count", {1, kMaxLayers}));
    LEDGE_TRY(context_, numbers_.Count("context_length", {1, kMaxContext}));
    LEDGE_TRY(width_, numbers_.Count("embedding_length", {1, kMaxWidth}));
    LEDGE_TRY(feed_forward_,
              numbers_.Count("feed_forward_length", {plan_.experts ? 0U : 1U, kMaxWidth}));
    return {};
  }

  Result<void> ReadAttention() {
    attention_.head_norms = plan_.head_norms;
    LEDGE_TRY(attention_.heads, numbers_.Count("attention.head_count", {1, kMaxHeads}));
    LEDGE_TRY(kv_heads_,
              numbers_.Counts("attention.head_count_kv", {plan_.hybrid ? 0U : 1U, attention_.heads},
                              layers_, attention_.heads));
    for (const uint32_t kv_heads : kv_heads_) {
      if (kv_heads == 0 || attention_.heads % kv_heads == 0) continue;
      return numbers_.Malformed(
          "attention.head_count_kv",
          fmt::format("is {}; it should divide the {} heads", kv_heads, attention_.heads));
    }
    if (plan_.hybrid) {
      LEDGE_TRY(ssm_, ReadSsm(numbers_));
    }
    LEDGE_TRY(attention_.key_dim, ReadHeadLength("attention.key_length"));
    LEDGE_TRY(attention_.value_dim, ReadHeadLength("attention.value_length"));
    attention_.scale = 1.0F / std::sqrt(static_cast<float>(attention_.key_dim));
    if (!plan_.window) return {};
    LEDGE_TRY(attention_.window, numbers_.Count("attention.sliding_window", {0, UINT32_MAX}, 0));
    if (attention_.window >= context_) attention_.window = 0;
    return {};
  }

  Result<uint32_t> ReadHeadLength(std::string_view name) const {
    if (!numbers_.has(name) && width_ % attention_.heads != 0) {
      return numbers_.Malformed(
          "attention.head_count",
          fmt::format("is {}; it should divide embedding_length {}, since {} is missing",
                      attention_.heads, width_, numbers_.Key(name)));
    }
    LEDGE_TRY(const uint32_t length,
              numbers_.Count(name, {1, kMaxHeadDim}, width_ / attention_.heads));
    if (length * attention_.heads > kMaxWidth) {
      return numbers_.Malformed(
          name, fmt::format("is {}, with {} heads {} values; they should be at most {}", length,
                            attention_.heads, length * attention_.heads, kMaxWidth));
    }
    return length;
  }

  // The embedding has a row a token; what else counts tokens has to agree.
  Result<uint32_t> ReadVocabulary() const {
    constexpr std::string_view kTokens = "tokenizer.ggml.tokens";
    LEDGE_TRY(const GgufValue* const tokens, weights_.header().Array(kTokens, GgufType::kString));
    // Where it is missing, the tokens tell its shape.
    if (tokens != nullptr && tokens->count <= kMaxVocabulary && !weights_.is_there(kEmbedding))
      return Error(
          weights_.Matrix(kEmbedding, static_cast<uint32_t>(tokens->count), width_).error());
    LEDGE_TRY(const uint32_t rows, weights_.Rows(kEmbedding, kMaxVocabulary));
    LEDGE_TRY(const uint32_t stated, numbers_.Count("vocab_size", {1, kMaxVocabulary}, rows));
    if (stated != rows) {
      return numbers_.Malformed(
          "vocab_size",
          fmt::format("is {}; it should be {}, the rows of 'token_embd.weight'", stated, rows));
    }
    if (tokens != nullptr && tokens->count != rows) {
      return weights_.header().Malformed(
          kTokens, fmt::format("has {} tokens; it should have {}, the rows of 'token_embd.weight'",
                               tokens->count, rows));
    }
    return rows;
  }

  // What stands before the first and behind the last layer.
  Result<void> TakeEnds(ModelSpec& spec) {
    LEDGE_TRY(spec.token_embedding, weights_.Matrix(kEmbedding, spec.vocabulary, width_));
    if (plan_.encoder) return {};
    LEDGE_TRY(spec.output_norm, TakeNorm(weights_, plan_.norm, "output_norm", width_));
    spec.output = spec.token_embedding;
    if (weights_.has("output.weight")) {
      LEDGE_TRY(spec.output, weights_.Matrix("output.weight", spec.vocabulary, width_));
    }
    LEDGE_TRY(spec.output_bias, weights_.OptionalVector("output.bias", spec.vocabulary));
    return {};
  }

  Result<void> TakeLayer(const std::string& block, LayerSpec& layer) {
    layer.activation = plan_.activation;
    layer.parallel = plan_.placement == NormPlacement::kBeforeBoth;
    LEDGE_CHECK_OK(TakeNorms(block, layer));
    if (attention_.kv_heads == 0) {
      layer.ssm = ssm_;
      LEDGE_CHECK_OK(TakeSsm(weights_, block, width_, layer.ssm));
    } else {
      layer.attention = attention_;
      LEDGE_CHECK_OK(TakeProjections(block, layer));
      LEDGE_CHECK_OK(TakeAttention(block, layer));
    }
    // A layer may be dense, but not one with experts and no router.
    if (experts_ && (weights_.has(block + "ffn_gate_inp.weight") ||
                     weights_.is_there(block + "ffn_down_exps.weight"))) {
      layer.experts = experts_;
      LEDGE_CHECK_OK(TakeExperts(weights_, block, width_, layer.experts));
      LEDGE_CHECK_OK(TakeShared(block, layer));
    } else {
      LEDGE_CHECK_OK(TakeFeedForward(block, "", feed_forward_, layer));
    }
    // Old files: frequencies that the metadata implies.
    weights_.Ignore(block + "attn_rot_embd.weight");
    return {};
  }

  Result<void> TakeNorms(const std::string& block, LayerSpec& layer) {
    const auto take = [&](std::string_view name) {
      return TakeNorm(weights_, plan_.norm, block + std::string(name), width_);
    };
    const NormPlacement placement = plan_.placement;
    if (placement == NormPlacement::kOfTheSum) {
      LEDGE_TRY(layer.attention_sum_norm, take("attn_output_norm"));
      LEDGE_TRY(layer.feed_forward_sum_norm, take("layer_output_norm"));
      return {};
    }
    if (placement != NormPlacement::kAfter) {
      LEDGE_TRY(layer.attention_norm, take("attn_norm"));
      layer.feed_forward_norm = layer.attention_norm;
      if (placement != NormPlacement::kBeforeBoth) {
        LEDGE_TRY(layer.feed_forward_norm, take(plan_.feed_forward_norm));
      }
    }
    if (placement == NormPlacement::kAfter || placement == NormPlacement::kAround) {
      LEDGE_TRY(layer.attention_post_norm, take("post_attention_norm"));
      LEDGE_TRY(layer.feed_forward_post_norm, take("post_ffw_norm"));
    }
    return {};
  }

  Result<void> TakeProjections(const std::string& block, LayerSpec& layer) {
    const uint32_t query = attention_.heads * attention_.key_dim;
    const uint32_t key = attention_.kv_heads * attention_.key_dim;
    const uint32_t value = attention_.kv_heads * attention_.value_dim;
    const bool biased = plan_.query_biased || plan_.biased;
    const std::string together = block + "attn_qkv.weight";
    if (weights_.has(together)) {
      LEDGE_TRY(const auto parts, weights_.Slices(together, {query, key, value}, width_));
      layer.query = parts[0];
      layer.key = parts[1];
      layer.value = parts[2];
      LEDGE_TRY(const VectorWeights bias,
                TakeBias(block + "attn_qkv.bias", query + key + value, biased));
      if (!bias) return {};
      layer.query_bias = {bias.data, query};
      layer.key_bias = {bias.data + query, key};
      layer.value_bias = {bias.data + query + key, value};
      return {};
    }
    LEDGE_TRY(layer.query, weights_.Matrix(block + "attn_q.weight", query, width_));
    LEDGE_TRY(layer.key, weights_.Matrix(block + "attn_k.weight", key, width_));
    LEDGE_TRY(layer.value, weights_.Matrix(block + "attn_v.weight", value, width_));
    LEDGE_TRY(layer.query_bias, TakeBias(block + "attn_q.bias", query, biased));
    LEDGE_TRY(layer.key_bias, TakeBias(block + "attn_k.bias", key, biased));
    LEDGE_TRY(layer.value_bias, TakeBias(block + "attn_v.bias", value, biased));
    return {};
  }

  Result<void> TakeAttention(const std::string& block, LayerSpec& layer) {
    const uint32_t mixed = attention_.heads * attention_.value_dim;
    LEDGE_TRY(layer.attention_output, weights_.Matrix(block + "attn_output.weight", width_, mixed));
    LEDGE_TRY(layer.attention_output_bias,
              TakeBias(block + "attn_output.bias", width_, plan_.biased));
    if (plan_.head_norms == HeadNorms::kNone) return {};
    const bool all = plan_.head_norms == HeadNorms::kAll;
    const uint32_t dim = attention_.key_dim;
    // StableLM's layer norms of heads have no biases.
    LEDGE_TRY(layer.query_norm, TakeNorm(weights_, plan_.norm, block + "attn_q_norm",
                                         all ? attention_.heads * dim : dim, NormBias::kIfThere));
    LEDGE_TRY(layer.key_norm, TakeNorm(weights_, plan_.norm, block + "attn_k_norm",
                                       all ? attention_.kv_heads * dim : dim, NormBias::kIfThere));
    return {};
  }

  Result<VectorWeights> TakeBias(const std::string& name, uint32_t size, bool needed) {
    return needed ? weights_.Vector(name, size) : weights_.OptionalVector(name, size);
  }

  // The expert that all tokens share, where there is one.
  Result<void> TakeShared(const std::string& block, LayerSpec& layer) {
    if (!weights_.has(block + "ffn_up_shexp.weight") &&
        !weights_.is_there(block + "ffn_gate_shexp.weight") &&
        !weights_.is_there(block + "ffn_down_shexp.weight"))
      return {};
    LEDGE_TRY(const uint32_t length, SharedLength(block));
    LEDGE_CHECK_OK(TakeFeedForward(block, "_shexp", length, layer));
    if (!plan_.shared_gate) return {};
    LEDGE_TRY(layer.experts.shared_gate,
              weights_.Vector(block + "ffn_gate_inp_shexp.weight", width_));
    return {};
  }

  // By whichever of its matrices is there: taking the others says that they are missing.
  Result<uint32_t> SharedLength(const std::string& block) const {
    const std::string up = block + "ffn_up_shexp.weight";
    const std::string gate = block + "ffn_gate_shexp.weight";
    const GgufTensor* const down = weights_.header().FindTensor(block + "ffn_down_shexp.weight");
    if (!weights_.is_there(up) && weights_.is_there(gate)) return weights_.Rows(gate, kMaxWidth);
    if (!weights_.is_there(up) && down != nullptr && down->dims[0] <= kMaxWidth)
      return static_cast<uint32_t>(down->dims[0]);
    return weights_.Rows(up, kMaxWidth);
  }

  Result<void> TakeFeedForward(const std::string& block, std::string_view suffix, uint32_t length,
                               LayerSpec& layer) {
    const auto name = [&](std::string_view part, std::string_view kind) {
      return fmt::format("{}ffn_{}{}.{}", block, part, suffix, kind);
    };
    if (length == 0) {
      return numbers_.Malformed("feed_forward_length",
                                "is 0; it should be from 1 up, since a layer has no experts");
    }
    layer.feed_forward = length;
    // A matrix of one half's rows is no pair of both: the gate is missing then.
    const GgufTensor* const up = weights_.header().FindTensor(name("up", "weight"));
    const bool half = up != nullptr && up->dims[1] == length;
    const bool together = plan_.gated && !half && !weights_.has(name("gate", "weight"));
    if (together) {
      LEDGE_TRY(const auto parts, weights_.Slices(name("up", "weight"), {length, length}, width_));
      layer.gate = parts[0];
      layer.up = parts[1];
    } else {
      if (plan_.gated) {
        LEDGE_TRY(layer.gate, weights_.Matrix(name("gate", "weight"), length, width_));
      }
      LEDGE_TRY(layer.up, weights_.Matrix(name("up", "weight"), length, width_));
      if (plan_.gated) {
        LEDGE_TRY(layer.gate_bias, weights_.OptionalVector(name("gate", "bias"), length));
      }
      LEDGE_TRY(layer.up_bias, TakeBias(name("up", "bias"), length, plan_.biased));
    }
    LEDGE_TRY(layer.down, weights_.Matrix(name("down", "weight"), width_, length));
    LEDGE_TRY(layer.down_bias, TakeBias(name("down", "bias"), width_, plan_.biased));
    return {};
  }

  const Hyperparameters& numbers_;
  TensorFinder& weights_;
  const DecoderPlan& plan_;
  uint32_t layers_ = 0;
  uint32_t context_ = 0;
  uint32_t width_ = 0;
  uint32_t feed_forward_ = 0;
  AttentionSpec attention_;         // of the layer at hand, without its weights
  std::vector<uint32_t> kv_heads_;  // a layer
  SsmSpec ssm_;
  ExpertsSpec experts_;
};

// Which layers slide, by a period or by a list.
Result<std::vector<bool>> ReadPattern(const Hyperparameters& numbers, uint32_t period,
                                      size_t layers) {
  constexpr std::string_view kName = "attention.sliding_window_pattern";
  const GgufValue* const value = numbers.header().Find(numbers.Key(kName));
  std::vector<bool> sliding(layers);
  if (value != nullptr && value->type == GgufType::kArray) {
    LEDGE_TRY(const GgufValue* const list,
              numbers.header().Array(numbers.Key(kName), GgufType::kBool));
    if (list->count != layers) {
      return numbers.Malformed(kName, fmt::format("has {} entries; it should have one a layer, {}",
                                                  list->count, layers));
    }
    for (size_t i = 0; i < layers; ++i) sliding[i] = GgufElement<uint8_t>(*list, i) != 0;
    return sliding;
  }
  LEDGE_TRY(const uint32_t every, numbers.Count(kName, {1, kMaxLayers}, period));
  for (size_t i = 0; i < layers; ++i) sliding[i] = i % every + 1 < every;
  return sliding;
}

}  // namespace

Result<ModelSpec> BuildDecoder(const Hyperparameters& numbers, TensorFinder& weights,
                               const DecoderPlan& plan) {
  return DecoderBuilder(numbers, weights, plan).Build();
}

Result<Norm> TakeNorm(TensorFinder& weights, NormKind kind, const std::string& name, uint32_t size,
                      NormBias bias) {
  Norm norm;
  norm.kind = kind;
  LEDGE_TRY(norm.weight, weights.Vector(name + ".weight", size));
  if (kind == NormKind::kLayer) {
    LEDGE_TRY(norm.bias, bias == NormBias::kNeeded ? weights.Vector(name + ".bias", size)
                                                   : weights.OptionalVector(name + ".bias", size));
  }
  return norm;
}

Result<std::vector<bool>> ReadSlidingLayers(const Hyperparameters& numbers, uint32_t fallback,
                                            uint32_t period, ModelSpec& spec) {
  LEDGE_TRY(const uint32_t window,
            numbers.Count("attention.sliding_window", {0, UINT32_MAX}, fallback));
  if (window == 0) return std::vector<bool>(spec.layers.size());
  LEDGE_TRY(std::vector<bool> sliding, ReadPattern(numbers, period, spec.layers.size()));
  for (size_t i = 0; i < sliding.size(); ++i) {
    if (sliding[i] && window < spec.trained_context) spec.layers[i].attention.window = window;
  }
  return sliding;
}

Result<float> ReadMultiplier(const Hyperparameters& numbers, std::string_view name) {
  LEDGE_TRY(const double value, numbers.header().Number(numbers.Key(name), 1.0));
  if (value == 0) return 1.0F;
  LEDGE_TRY(const double positive, numbers.Positive(name, 1.0));
  return static_cast<float>(positive);
}

}  // namespace ledge
