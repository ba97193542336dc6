// The llama family: Llama 1 to 3, TinyLlama, Vicuna, SmolLM2, and Mistral where it is stored as
// llama. Pre-norm blocks of grouped-query attention with rotary embeddings and a SwiGLU
// feed-forward. Source: Touvron et al., LLaMA (arXiv 2302.13971); the keys and tensor names are the
// GGUF specification's. GGUF files of this architecture have the rows of query and key permuted so
// that rotated pairs are neighbours.
#include <cmath>

#include "kernels/kv_page.h"
#include "model/architecture.h"
#include "model/rope_metadata.h"

namespace ledge {
namespace {

class LlamaBuilder {
 public:
  LlamaBuilder(const Hyperparameters& numbers, TensorFinder& weights)
      : numbers_(numbers), weights_(weights) {}

  Result<ModelSpec> Build() {
    LEDGE_CHECK_OK(RefuseExperts());
    LEDGE_CHECK_OK(ReadShape());
    LEDGE_CHECK_OK(ReadAttention());
    LEDGE_TRY(RopeTable rope, ReadRope(numbers_, weights_, attention_.key_dim, context_));
    ModelSpec spec{.rope = std::move(rope)};
    LEDGE_TRY(spec.vocabulary, ReadVocabulary());
    spec.width = width_;
    spec.trained_context = context_;
    spec.rope_paired = true;
    LEDGE_TRY(const double epsilon, numbers_.Positive("attention.layer_norm_rms_epsilon"));
    spec.norm_epsilon = static_cast<float>(epsilon);
    LEDGE_CHECK_OK(TakeEnds(spec));
    spec.layers.resize(layers_);
    for (uint32_t i = 0; i < layers_; ++i)
      LEDGE_CHECK_OK(TakeLayer(fmt::format("blk.{}.", i), spec.layers[i]));
    return spec;
  }

 private:
  Result<void> RefuseExperts() const {
    LEDGE_TRY(const uint32_t experts, numbers_.Count("expert_count", {0, UINT32_MAX}, 0));
    if (experts == 0) return {};
    return numbers_.Unsupported(
        "expert_count",
        fmt::format("is {}: mixtures of experts are not supported; it should be 0", experts));
  }

  Result<void> ReadShape() {
    LEDGE_TRY(layers_, numbers_.Count("block_count", {1, kMaxLayers}));
    LEDGE_TRY(context_, numbers_.Count("context_length", {1, kMaxContext}));
    LEDGE_TRY(width_, numbers_.Count("embedding_length", {1, kMaxWidth}));
    LEDGE_TRY(feed_forward_, numbers_.Count("feed_forward_length", {1, kMaxWidth}));
    return {};
  }

  Result<void> ReadAttention() {
    LEDGE_TRY(attention_.heads, numbers_.Count("attention.head_count", {1, kMaxHeads}));
    LEDGE_TRY(attention_.kv_heads,
              numbers_.Count("attention.head_count_kv", {1, attention_.heads}, attention_.heads));
    if (attention_.heads % attention_.kv_heads != 0) {
      return numbers_.Malformed("attention.head_count_kv",
                                fmt::format("is {}; it should divide the {} heads",
                                            attention_.kv_heads, attention_.heads));
    }
    LEDGE_TRY(attention_.key_dim, ReadHeadLength("attention.key_length"));
    LEDGE_TRY(attention_.value_dim, ReadHeadLength("attention.value_length"));
    attention_.scale = 1.0F / std::sqrt(static_cast<float>(attention_.key_dim));
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
    LEDGE_TRY(const uint32_t rows, weights_.Rows("token_embd.weight", kMaxVocabulary));
    LEDGE_TRY(const uint32_t stated, numbers_.Count("vocab_size", {1, kMaxVocabulary}, rows));
    if (stated != rows) {
      return numbers_.Malformed(
          "vocab_size",
          fmt::format("is {}; it should be {}, the rows of 'token_embd.weight'", stated, rows));
    }
    constexpr std::string_view kTokens = "tokenizer.ggml.tokens";
    LEDGE_TRY(const GgufValue* const tokens, weights_.header().Array(kTokens, GgufType::kString));
    if (tokens != nullptr && tokens->count != rows) {
      return weights_.header().Malformed(
          kTokens, fmt::format("has {} tokens; it should have {}, the rows of 'token_embd.weight'",
                               tokens->count, rows));
    }
    return rows;
  }

  // What stands before the first and behind the last layer.
  Result<void> TakeEnds(ModelSpec& spec) {
    LEDGE_TRY(spec.token_embedding, weights_.Matrix("token_embd.weight", spec.vocabulary, width_));
    LEDGE_TRY(spec.output_norm, weights_.Vector("output_norm.weight", width_));
    spec.output = spec.token_embedding;
    if (!weights_.has("output.weight")) return {};
    LEDGE_TRY(spec.output, weights_.Matrix("output.weight", spec.vocabulary, width_));
    return {};
  }

  Result<void> TakeLayer(const std::string& block, LayerSpec& layer) {
    layer.attention = attention_;
    layer.feed_forward = feed_forward_;
    LEDGE_CHECK_OK(TakeAttention(block, layer));
    LEDGE_TRY(layer.feed_forward_norm, weights_.Vector(block + "ffn_norm.weight", width_));
    LEDGE_TRY(layer.gate, weights_.Matrix(block + "ffn_gate.weight", feed_forward_, width_));
    LEDGE_TRY(layer.up, weights_.Matrix(block + "ffn_up.weight", feed_forward_, width_));
    LEDGE_TRY(layer.down, weights_.Matrix(block + "ffn_down.weight", width_, feed_forward_));
    weights_.Ignore(block +
                    "attn_rot_embd.weight");  // old files: frequencies that the metadata implies
    return {};
  }

  Result<void> TakeAttention(const std::string& block, LayerSpec& layer) {
    const uint32_t query = attention_.heads * attention_.key_dim;
    const uint32_t key = attention_.kv_heads * attention_.key_dim;
    const uint32_t value = attention_.kv_heads * attention_.value_dim;
    const uint32_t mixed = attention_.heads * attention_.value_dim;
    LEDGE_TRY(layer.attention_norm, weights_.Vector(block + "attn_norm.weight", width_));
    LEDGE_TRY(layer.query, weights_.Matrix(block + "attn_q.weight", query, width_));
    LEDGE_TRY(layer.key, weights_.Matrix(block + "attn_k.weight", key, width_));
    LEDGE_TRY(layer.value, weights_.Matrix(block + "attn_v.weight", value, width_));
    LEDGE_TRY(layer.attention_output, weights_.Matrix(block + "attn_output.weight", width_, mixed));
    LEDGE_TRY(layer.query_bias, weights_.OptionalVector(block + "attn_q.bias", query));
    LEDGE_TRY(layer.key_bias, weights_.OptionalVector(block + "attn_k.bias", key));
    LEDGE_TRY(layer.value_bias, weights_.OptionalVector(block + "attn_v.bias", value));
    LEDGE_TRY(layer.attention_output_bias,
              weights_.OptionalVector(block + "attn_output.bias", width_));
    return {};
  }

  const Hyperparameters& numbers_;
  TensorFinder& weights_;
  uint32_t layers_ = 0;
  uint32_t context_ = 0;
  uint32_t width_ = 0;
  uint32_t feed_forward_ = 0;
  AttentionSpec attention_;
};

Result<ModelSpec> BuildLlama(const Hyperparameters& numbers, TensorFinder& weights) {
  return LlamaBuilder(numbers, weights).Build();
}

}  // namespace

extern const Architecture kArchitecture_llama;
const Architecture kArchitecture_llama = {"llama", &BuildLlama};

}  // namespace ledge
