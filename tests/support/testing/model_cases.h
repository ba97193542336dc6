// The catalogue of GGUF files that are well-formed and yet no models: each with the error that it
// must give. Tests run every one by name through packing and loading and through the program, and
// the fuzzer starts from the same files.
#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "testing/gguf_builder.h"
#include "testing/llama_source.h"

namespace ledge::testing {

struct ModelCase {
  std::string name;
  Code code;
  std::string words;  // of the message
  std::vector<std::byte> bytes;
};

namespace model_cases {

// Some kilobytes, so that the fuzzer's seeds are small.
inline constexpr LlamaSourceShape kShape = {.vocabulary = 12,
                                            .width = 16,
                                            .heads = 4,
                                            .kv_heads = 2,
                                            .head_dim = 4,
                                            .feed_forward = 4,
                                            .layers = 1,
                                            .tied = true};
// With rows of a whole block.
inline constexpr LlamaSourceShape kBlockShape = {.vocabulary = 12,
                                                 .width = 32,
                                                 .heads = 8,
                                                 .kv_heads = 1,
                                                 .head_dim = 4,
                                                 .feed_forward = 4,
                                                 .layers = 1,
                                                 .tied = true};

class Cases {
 public:
  template <typename Change>
  void Add(std::string name, Code code, std::string words, Change change,
           const LlamaSourceShape& shape = kShape) {
    LlamaSource source(shape);
    change(source);
    cases_.push_back({std::move(name), code, std::move(words), source.Build()});
  }
  // A key with a value that is out of its range, named in the message.
  template <typename T>
  void Number(std::string name, const std::string& key, T number, std::string words = "") {
    if (words.empty()) words = key + "'";
    Add(std::move(name), Code::kMalformed, std::move(words),
        [&](LlamaSource& m) { m.Number<T>(key, number); });
  }
  std::vector<ModelCase> Take() { return std::move(cases_); }

 private:
  std::vector<ModelCase> cases_;
};

inline void AddShapes(Cases& cases) {
  const auto count = [&](const char* name, const std::string& key, uint32_t number,
                         const std::string& words = "") {
    const std::string full = "llama." + key;
    cases.Number<uint32_t>(name, full, number,
                           words.empty() ? full + "' is " + std::to_string(number) : words);
  };
  count("heads_0", "attention.head_count", 0);
  count("heads_huge", "attention.head_count", UINT32_MAX);
  count("heads_not_dividing", "attention.head_count", 6, "it should divide embedding_length 16");
  count("kv_heads_not_dividing", "attention.head_count_kv", 3, "it should divide the 4 heads");
  count("kv_heads_huge", "attention.head_count_kv", UINT32_MAX);
  count("kv_heads_0", "attention.head_count_kv", 0);
  count("blocks_0", "block_count", 0);
  count("blocks_huge", "block_count", UINT32_MAX);
  count("blocks_million", "block_count", 1'000'000);
  count("blocks_one_more", "block_count", 2,
        "'blk.1.attn_norm.weight' is missing; it should be 16");
  count("width_0", "embedding_length", 0);
  count("width_huge", "embedding_length", UINT32_MAX);
  count("width_other", "embedding_length", 32,
        "'token_embd.weight' is 16 x 12; it should be 32 x 12");
  count("feed_forward_0", "feed_forward_length", 0);
  count("feed_forward_huge", "feed_forward_length", UINT32_MAX);
  count("context_0", "context_length", 0);
  count("context_huge", "context_length", UINT32_MAX);
  count("rope_dimensions_huge", "rope.dimension_count", UINT32_MAX);
  count("rope_dimensions_odd", "rope.dimension_count", 3);
  count("key_length_huge", "attention.key_length", UINT32_MAX);
  count("experts_huge", "expert_count", UINT32_MAX);
  count("experts_without_use", "expert_count", 4, "llama.expert_used_count");
  cases.Add(
      "experts_used_0", Code::kMalformed, "llama.expert_used_count' is 0", [](LlamaSource& m) {
        m.Number<uint32_t>("llama.expert_count", 4).Number<uint32_t>("llama.expert_used_count", 0);
      });
  cases.Add("experts_0", Code::kMalformed, "'blk.0.ffn_gate.weight' is missing",
            [](LlamaSource& m) {
              m.Number<uint32_t>("llama.expert_count", 0)
                  .Number<uint32_t>("llama.expert_used_count", 2)
                  .Floats("blk.0.ffn_gate_inp.weight", {16, 4})
                  .Floats("blk.0.ffn_gate_exps.weight", {16, 4, 4})
                  .DropTensor("blk.0.ffn_gate.weight");
            });
}

inline void AddNumbers(Cases& cases) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::string base = "llama.rope.freq_base";
  cases.Number<float>("rope_base_0", base, 0);
  cases.Number<float>("rope_base_negative", base, -10000);
  cases.Number<float>("rope_base_infinite", base, kInf);
  cases.Number<float>("rope_base_nan", base, kNan);
  const std::string epsilon = "llama.attention.layer_norm_rms_epsilon";
  cases.Number<float>("epsilon_nan", epsilon, kNan);
  cases.Number<float>("epsilon_negative", epsilon, -1);
  cases.Add("epsilon_missing", Code::kMalformed, epsilon + "' is missing",
            [&](LlamaSource& m) { m.DropKey(epsilon); });
  for (const auto& [name, value] : {std::pair{"weights_nan", kNan}, {"weights_infinite", -kInf}}) {
    cases.Add(name, Code::kMalformed, "tensor 'output_norm.weight'",
              [value = value](LlamaSource& m) {
                std::string data;
                for (uint32_t i = 0; i < kShape.width; ++i)
                  data += GgufBuilder::Bytes(i == 5 ? value : 1.0F);
                m.Tensor("output_norm.weight", TensorType::kF32, {kShape.width}, data);
              });
  }
  for (const auto& [name, scale] :
       {std::pair{"scale_nan", uint16_t{0x7E00}}, {"scale_infinite", uint16_t{0x7C00}}}) {
    cases.Add(
        name, Code::kMalformed, "tensor 'output.weight'",
        [scale = scale](LlamaSource& m) {
          std::string data;
          for (int i = 0; i < 12; ++i) data += GgufBuilder::Bytes(scale) + std::string(32, '\1');
          m.Tensor("output.weight", TensorType::kQ8_0, {32, 12}, data);
        },
        kBlockShape);
  }
}

inline void AddTensors(Cases& cases) {
  const auto drop = [&](const char* name, const char* tensor, const char* words) {
    cases.Add(name, Code::kMalformed, words, [&](LlamaSource& m) { m.DropTensor(tensor); });
  };
  const auto shape = [&](const char* name, const char* tensor, std::vector<uint64_t> dims,
                         const char* words) {
    cases.Add(name, Code::kMalformed, words, [&](LlamaSource& m) { m.Floats(tensor, dims); });
  };
  drop("no_embedding", "token_embd.weight", "'token_embd.weight' is missing; it should be 16 x");
  drop("no_layer_tensor", "blk.0.ffn_up.weight",
       "'blk.0.ffn_up.weight' is missing; it should be 16 x 4");
  shape("shape_swapped", "blk.0.ffn_up.weight", {4, 16},
        "'blk.0.ffn_up.weight' is 4 x 16; it should be 16 x 4");
  shape("shape_wrong", "blk.0.attn_k.weight", {16, 16},
        "'blk.0.attn_k.weight' is 16 x 16; it should be 16 x 8");
  cases.Add("tensor_of_no_place", Code::kUnsupported, "blk.0.attn_gate.weight",
            [](LlamaSource& m) { m.Floats("blk.0.attn_gate.weight", {16, 16}); });
}

inline void AddArchitectures(Cases& cases) {
  const std::string key = "general.architecture";
  cases.Add("no_architecture", Code::kMalformed, key, [&](LlamaSource& m) { m.DropKey(key); });
  cases.Add("architecture_unknown", Code::kUnsupported,
            "architecture 'llama-of-tomorrow' is not supported; this build runs ",
            [&](LlamaSource& m) { m.Text(key, "llama-of-tomorrow"); });
  cases.Number<uint32_t>("architecture_number", key, 1);
  cases.Add("not_causal", Code::kUnsupported, "llama.attention.causal' is false",
            [](LlamaSource& m) { m.Bool("llama.attention.causal", false); });
  cases.Add(
      "rope_sections", Code::kUnsupported, "rope.dimension_sections' is there",
      [](LlamaSource& m) { m.Numbers<int32_t>("llama.rope.dimension_sections", {1, 1, 0, 0}); });
  cases.Add("rope_unknown", Code::kUnsupported,
            "is 'spiral'; this build knows none, linear, yarn and longrope",
            [](LlamaSource& m) { m.Text("llama.rope.scaling.type", "spiral"); });
}

inline void AddVocabularies(Cases& cases) {
  const auto special = [&](const char* name, const std::string& role, uint32_t id) {
    cases.Number<uint32_t>(name, "tokenizer.ggml." + role + "_token_id", id,
                           "must be below the vocabulary's size 12");
  };
  special("bos_outside", "bos", 12);
  special("eos_outside", "eos", UINT32_MAX);
  special("unknown_outside", "unknown", 1U << 31);
  special("eot_outside", "eot", 1000);
  cases.Number<int32_t>("bos_negative", "tokenizer.ggml.bos_token_id", -1);
  const auto broken = [&](const char* name, const char* words, auto change) {
    cases.Add(name, Code::kMalformed, words, change);
  };
  broken("scores_short", "has 11 entries for 12 tokens",
         [](LlamaSource& m) { m.Numbers<float>("tokenizer.ggml.scores", std::vector<float>(11)); });
  broken("scores_of_bytes", "must be an array of f32 or i32", [](LlamaSource& m) {
    m.Numbers<uint8_t>("tokenizer.ggml.scores", std::vector<uint8_t>(12));
  });
  broken("types_short", "has 11 entries for 12 tokens", [](LlamaSource& m) {
    m.Numbers<int32_t>("tokenizer.ggml.token_type", std::vector<int32_t>(11, 1));
  });
  broken("types_of_bytes", "should be an array of i32", [](LlamaSource& m) {
    m.Numbers<uint8_t>("tokenizer.ggml.token_type", std::vector<uint8_t>(12, 1));
  });
  broken("tokens_twice", "are both \"aa\"", [](LlamaSource& m) {
    m.Texts("tokenizer.ggml.tokens",
            {"<unk>", "<s>", "</s>", "a", "b", "c", "d", "e", "f", "g", "aa", "aa"});
  });
  broken("merges_absent", "tokenizer.ggml.merges[1]", [](LlamaSource& m) {
    m.Text("tokenizer.ggml.model", "gpt2").Text("tokenizer.ggml.pre", "gpt-2");
    m.Texts("tokenizer.ggml.tokens",
            {"<unk>", "<s>", "</s>", "a", "b", "c", "d", "e", "f", "g", "ab", "abab"});
    m.Texts("tokenizer.ggml.merges", {"a b", "ab zz"});
  });
  // A merge must make a longer token, so that none makes what it is made of.
  broken("merges_of_nothing", "tokenizer.ggml.merges[0]", [](LlamaSource& m) {
    m.Text("tokenizer.ggml.model", "gpt2").Text("tokenizer.ggml.pre", "gpt-2");
    m.Texts("tokenizer.ggml.merges", {"a "});
  });
}

inline void AddParts(Cases& cases) {
  const auto part = [&](const char* name, uint16_t number, uint16_t count) {
    cases.Add(name, Code::kMalformed, "is one of several parts", [=](LlamaSource& m) {
      m.Number<uint16_t>("split.no", number).Number<uint16_t>("split.count", count);
      m.Number<int32_t>("split.tensors.count", -1);
    });
  };
  part("part_under_another_name", 0, 3);
  part("part_of_too_many", UINT16_MAX, UINT16_MAX);
}

}  // namespace model_cases

inline std::vector<ModelCase> BrokenModels() {
  model_cases::Cases cases;
  model_cases::AddShapes(cases);
  model_cases::AddNumbers(cases);
  model_cases::AddTensors(cases);
  model_cases::AddArchitectures(cases);
  model_cases::AddVocabularies(cases);
  model_cases::AddParts(cases);
  return cases.Take();
}

}  // namespace ledge::testing
