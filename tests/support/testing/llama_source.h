// A valid llama GGUF of some kilobytes, every key and tensor of which can be changed or taken away:
// the start of a test about one rule. Its 40 tokens and widths are no multiples of a panel's 16
// rows on purpose.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gguf/tensor_type.h"
#include "testing/gguf_builder.h"

namespace ledge::testing {

struct LlamaSourceShape {
  uint32_t vocabulary = 40;
  uint32_t width = 32;
  uint32_t heads = 4;
  uint32_t kv_heads = 2;
  uint32_t head_dim = 8;
  uint32_t feed_forward = 72;
  uint32_t layers = 2;
  bool tied = false;
};

class LlamaSource {
 public:
  explicit LlamaSource(LlamaSourceShape shape = {}) : shape_(shape) {
    Text("general.architecture", "llama").Text("general.name", "Tiny");
    Number<uint32_t>("llama.block_count", shape.layers);
    Number<uint32_t>("llama.context_length", 128);
    Number<uint32_t>("llama.embedding_length", shape.width);
    Number<uint32_t>("llama.feed_forward_length", shape.feed_forward);
    Number<uint32_t>("llama.attention.head_count", shape.heads);
    Number<uint32_t>("llama.attention.head_count_kv", shape.kv_heads);
    Number<float>("llama.attention.layer_norm_rms_epsilon", 1e-5F);
    AddVocabulary();
    AddTensors();
  }

  template <typename T>
  LlamaSource& Number(const std::string& key, T number) {
    keys_[key] = {static_cast<uint32_t>(GgufTypeOf<T>()), GgufBuilder::Bytes(number)};
    return *this;
  }
  template <typename T>
  LlamaSource& Numbers(const std::string& key, const std::vector<T>& numbers) {
    std::string value = GgufBuilder::ArrayHead(GgufTypeOf<T>(), numbers.size());
    for (const T number : numbers) value += GgufBuilder::Bytes(number);
    keys_[key] = {GgufBuilder::kArrayType, value};
    return *this;
  }
  LlamaSource& Text(const std::string& key, std::string_view text) {
    keys_[key] = {static_cast<uint32_t>(GgufType::kString), Counted(text)};
    return *this;
  }
  LlamaSource& Texts(const std::string& key, const std::vector<std::string>& texts) {
    std::string value = GgufBuilder::ArrayHead(GgufType::kString, texts.size());
    for (const std::string& text : texts) value += Counted(text);
    keys_[key] = {GgufBuilder::kArrayType, value};
    return *this;
  }
  LlamaSource& Bool(const std::string& key, bool value) {
    keys_[key] = {static_cast<uint32_t>(GgufType::kBool), std::string(1, value ? '\1' : '\0')};
    return *this;
  }
  LlamaSource& DropKey(const std::string& key) {
    keys_.erase(key);
    return *this;
  }
  LlamaSource& DropVocabulary() {
    std::erase_if(keys_, [](const auto& key) { return key.first.starts_with("tokenizer."); });
    return *this;
  }

  // Adds a tensor, or replaces the one of that name; its values are small and differ.
  LlamaSource& Floats(const std::string& name, const std::vector<uint64_t>& dims) {
    uint64_t values = 1;
    for (const uint64_t dim : dims) values *= dim;
    std::string data;
    for (uint64_t i = 0; i < values; ++i) {
      seed_ = seed_ * 1664525 + 1013904223;
      data += GgufBuilder::Bytes(static_cast<float>(seed_ >> 8) / (1 << 24) - 0.5F);
    }
    return Tensor(name, TensorType::kF32, dims, std::move(data));
  }
  LlamaSource& Tensor(const std::string& name, TensorType type, const std::vector<uint64_t>& dims,
                      std::string data) {
    DropTensor(name);
    tensors_.push_back({name, static_cast<uint32_t>(type), dims, std::move(data), {}, {}});
    return *this;
  }
  LlamaSource& DropTensor(const std::string& name) {
    std::erase_if(tensors_, [&name](const BuiltTensor& tensor) { return tensor.name == name; });
    return *this;
  }

  std::vector<std::byte> Build() const {
    GgufBuilder builder;
    for (const auto& [key, value] : keys_) builder.Raw(key, value.first, value.second);
    for (const BuiltTensor& tensor : tensors_) builder.Tensor(tensor);
    return builder.Build();
  }

 private:
  static std::string Counted(std::string_view text) {
    return GgufBuilder::Bytes(uint64_t{text.size()}) + std::string(text);
  }

  // SentencePiece: the three specials, then letters and pairs of them.
  void AddVocabulary() {
    std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
    std::vector<int32_t> types = {2, 3, 3};
    std::vector<float> scores = {0, 0, 0};
    while (tokens.size() < shape_.vocabulary) {
      const size_t i = tokens.size() - 3;
      std::string text(1, static_cast<char>('a' + i % 26));
      if (i >= 26) text = "a" + text + std::string(i / 26 - 1, 'z');
      tokens.push_back(std::move(text));
      types.push_back(1);
      scores.push_back(-static_cast<float>(i));
    }
    Text("tokenizer.ggml.model", "llama").Texts("tokenizer.ggml.tokens", tokens);
    Numbers<int32_t>("tokenizer.ggml.token_type", types)
        .Numbers<float>("tokenizer.ggml.scores", scores);
    Number<uint32_t>("tokenizer.ggml.bos_token_id", 1)
        .Number<uint32_t>("tokenizer.ggml.eos_token_id", 2);
    Number<uint32_t>("tokenizer.ggml.unknown_token_id", 0);
  }

  void AddTensors() {
    Floats("token_embd.weight", {shape_.width, shape_.vocabulary});
    for (uint32_t i = 0; i < shape_.layers; ++i) AddLayer("blk." + std::to_string(i) + ".");
    Floats("output_norm.weight", {shape_.width});
    if (!shape_.tied) Floats("output.weight", {shape_.width, shape_.vocabulary});
  }

  void AddLayer(const std::string& block) {
    const uint64_t query = uint64_t{shape_.heads} * shape_.head_dim;
    const uint64_t key = uint64_t{shape_.kv_heads} * shape_.head_dim;
    Floats(block + "attn_norm.weight", {shape_.width});
    Floats(block + "attn_q.weight", {shape_.width, query});
    Floats(block + "attn_k.weight", {shape_.width, key});
    Floats(block + "attn_v.weight", {shape_.width, key});
    Floats(block + "attn_output.weight", {query, shape_.width});
    Floats(block + "ffn_norm.weight", {shape_.width});
    Floats(block + "ffn_gate.weight", {shape_.width, shape_.feed_forward});
    Floats(block + "ffn_up.weight", {shape_.width, shape_.feed_forward});
    Floats(block + "ffn_down.weight", {shape_.feed_forward, shape_.width});
  }

  LlamaSourceShape shape_;
  uint32_t seed_ = 1;
  std::map<std::string, std::pair<uint32_t, std::string>> keys_;
  std::vector<BuiltTensor> tensors_;
};

}  // namespace ledge::testing
