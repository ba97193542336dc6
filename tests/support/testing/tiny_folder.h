// A Hugging Face folder of a very small Llama with made-up weights, to be changed and written.
//
//   TinyFolder folder;
//   folder.config["num_hidden_layers"] = 7;
//   folder.Put(os, "/m");
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "os/fault/fault_os.h"
#include "os/path.h"
#include "testing/safetensors_builder.h"

namespace ledge::testing {

class TinyFolder {
 public:
  nlohmann::json config = {
      {"architectures", {"LlamaForCausalLM"}},
      {"hidden_act", "silu"},
      {"hidden_size", 32},
      {"intermediate_size", 48},
      {"max_position_embeddings", 64},
      {"num_attention_heads", 2},
      {"num_key_value_heads", 1},
      {"num_hidden_layers", 1},
      {"rms_norm_eps", 1e-5},
      {"rope_theta", 10000.0},
      {"tie_word_embeddings", true},
      {"vocab_size", 8},
  };
  nlohmann::json tokenizer = {
      {"added_tokens",
       {{{"id", 4}, {"content", "<s>"}, {"special", true}},
        {{"id", 5}, {"content", "</s>"}, {"special", true}}}},
      {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
      {"model",
       {{"type", "BPE"},
        {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}, {"c", 3}}},
        {"merges", {"a b"}}}}};
  nlohmann::json tokenizer_config = {{"bos_token", "<s>"}, {"eos_token", "</s>"}};
  std::vector<NamedTensor> tensors;
  std::map<std::string, std::string> files;  // beside, or in place of, what is made of the above

  TinyFolder() {
    Add("model.embed_tokens.weight", {8, 32});
    const std::string layer = "model.layers.0.";
    Add(layer + "input_layernorm.weight", {32});
    Add(layer + "post_attention_layernorm.weight", {32});
    Add(layer + "self_attn.q_proj.weight", {32, 32});
    Add(layer + "self_attn.k_proj.weight", {16, 32});
    Add(layer + "self_attn.v_proj.weight", {16, 32});
    Add(layer + "self_attn.o_proj.weight", {32, 32});
    Add(layer + "mlp.gate_proj.weight", {48, 32});
    Add(layer + "mlp.up_proj.weight", {48, 32});
    Add(layer + "mlp.down_proj.weight", {32, 48});
    Add("model.norm.weight", {32});
  }

  // F32 values that differ from tensor to tensor and from row to row.
  TinyFolder& Add(const std::string& name, const std::vector<uint64_t>& shape) {
    uint64_t count = 1;
    for (const uint64_t dim : shape) count *= dim;
    std::vector<float> values(count);
    for (uint64_t i = 0; i < count; ++i) {
      values[i] = static_cast<float>((i * 37 + tensors.size() * 11) % 127) / 64.0F - 1.0F;
    }
    tensors.push_back({name, "F32", shape, FloatBytes(values)});
    return *this;
  }
  NamedTensor& Tensor(const std::string& name) {
    for (NamedTensor& tensor : tensors) {
      if (tensor.name == name) return tensor;
    }
    tensors.push_back({name, "F32", {}, ""});
    return tensors.back();
  }
  TinyFolder& Drop(const std::string& name) {
    std::erase_if(tensors, [&](const NamedTensor& tensor) { return tensor.name == name; });
    return *this;
  }

  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> all = {
        {"config.json", config.dump()},
        {"tokenizer.json", tokenizer.dump()},
        {"tokenizer_config.json", tokenizer_config.dump()},
        {"model.safetensors", SafetensorsFile(tensors)},
    };
    for (const auto& [name, contents] : files) all[name] = contents;
    return all;
  }
  void Put(fault::FaultOs& os, const std::string& path) const {
    for (const auto& [name, contents] : Files()) os.Put(JoinPath(path, name), contents);
  }
};

}  // namespace ledge::testing
