// A small model of each architecture, its weights from a seeded generator: files of some hundred
// kilobytes that other programs read too, so that results can be compared.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "testing/gguf_builder.h"

namespace ledge::testing {

class TinyModel {
 public:
  static constexpr uint32_t kVocabulary = 64;
  static constexpr uint32_t kWidth = 64;
  static constexpr uint32_t kHeads = 4;
  static constexpr uint32_t kKvHeads = 2;
  static constexpr uint32_t kHeadDim = 16;
  static constexpr uint32_t kFeedForward = 96;
  static constexpr uint32_t kLayers = 4;
  static constexpr uint32_t kContext = 128;
  static constexpr uint32_t kExperts = 4;
  static constexpr uint32_t kExpertLength = 32;
  static constexpr uint32_t kSsmInner = 128;

  static std::vector<std::string_view> Names() {
    return {"gemma",     "phi2",       "starcoder2",   "stablelm",      "gpt-oss",
            "exaone4",   "ernie4_5",   "ernie4_5-moe", "glm4",          "falcon",
            "gpt2",      "granitemoe", "qwen2moe",     "granitehybrid", "granitehybrid-moe",
            "nomic-bert"};
  }

  explicit TinyModel(std::string_view name)
      : name_(name), architecture_(Hybrid() ? "granitehybrid" : name) {
    Number("block_count", kLayers).Number("context_length", kContext);
    Number("embedding_length", kWidth).Number("feed_forward_length", FeedForward());
    Number("attention.head_count", kHeads);
    if (!Hybrid()) Number("attention.head_count_kv", KvHeads());
    Number("vocab_size", kVocabulary);
    builder_.String("general.architecture", architecture_).String("tokenizer.ggml.model", "none");
    Real(LayerNorms() ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", 1e-5F);
    AddKeys();
    Matrix("token_embd.weight", kWidth, kVocabulary, 1);
    AddEnds();
    for (uint32_t i = 0; i < kLayers; ++i) AddLayer("blk." + std::to_string(i) + ".", i);
  }

  std::vector<std::byte> Build() const { return builder_.Build(); }
  const std::string& architecture() const { return architecture_; }

 private:
  bool Is(std::string_view name) const { return name_ == name; }
  // With and without experts; heads that are whole blocks of channels and such that are not.
  bool Hybrid() const { return Is("granitehybrid") || Is("granitehybrid-moe"); }
  bool Recurrent(uint32_t layer) const {
    return Hybrid() && layer != 1 && (Is("granitehybrid") || layer != 3);
  }
  uint32_t SsmHeads() const { return Is("granitehybrid") ? 8 : 16; }
  uint32_t SsmGroups() const { return Is("granitehybrid") ? 2 : 1; }
  uint32_t SsmState() const { return Is("granitehybrid") ? 16 : 24; }
  bool LayerNorms() const {
    return Is("phi2") || Is("starcoder2") || Is("stablelm") || Is("falcon") || Is("gpt2") ||
           Is("nomic-bert");
  }
  bool Biases() const { return Is("phi2") || Is("starcoder2") || Is("gpt2"); }
  bool Gated() const { return !Biases() && !Is("falcon"); }
  bool Mixture() const {
    return Is("gpt-oss") || Is("granitemoe") || Is("granitehybrid-moe") || Is("qwen2moe");
  }
  // GraniteMoE files have an expert's length here.
  bool GraniteExperts() const { return Is("granitemoe") || Is("granitehybrid-moe"); }
  uint32_t FeedForward() const { return GraniteExperts() ? kExpertLength : kFeedForward; }
  uint32_t KvHeads() const { return Is("falcon") ? 1 : Is("gpt2") || Is("nomic-bert") ? 4 : 2; }

  TinyModel& Number(const std::string& key, uint32_t value) {
    builder_.Number<uint32_t>(architecture_ + "." + key, value);
    return *this;
  }
  TinyModel& Real(const std::string& key, float value) {
    builder_.Number<float>(architecture_ + "." + key, value);
    return *this;
  }

  void AddKeys() {
    if (Is("gemma")) Number("attention.key_length", 32).Number("attention.value_length", 32);
    if (Is("phi2") || Is("stablelm") || Is("glm4")) Number("rope.dimension_count", 8);
    if (Is("gpt-oss")) Number("attention.sliding_window", 16).Real("rope.freq_base", 150000);
    if (Mixture() || Is("ernie4_5-moe")) {
      Number("expert_count", kExperts).Number("expert_used_count", 2);
      if (!GraniteExperts()) Number("expert_feed_forward_length", kExpertLength);
    }
    if (Is("ernie4_5-moe")) {
      Number("expert_shared_feed_forward_length", 48).Number("interleave_moe_layer_step", 1);
      Number("leading_dense_block_count", 1);
    }
    if (Is("qwen2moe") || Is("granitehybrid-moe")) Number("expert_shared_feed_forward_length", 48);
    if (Hybrid()) {
      std::vector<int32_t> kv_heads;
      for (uint32_t i = 0; i < kLayers; ++i) kv_heads.push_back(Recurrent(i) ? 0 : kKvHeads);
      builder_.Numbers<int32_t>(architecture_ + ".attention.head_count_kv", kv_heads);
      builder_.Bool(architecture_ + ".rope.scaling.finetuned", Mixture() ? 1 : 0);
      Number("ssm.conv_kernel", 4).Number("ssm.inner_size", kSsmInner);
      Number("ssm.state_size", SsmState()).Number("ssm.group_count", SsmGroups());
      Number("ssm.time_step_rank", SsmHeads());
    }
    if (Is("granitemoe") || Hybrid()) {
      Real("embedding_scale", 3).Real("residual_scale", 0.4F).Real("logit_scale", 2);
      Real("attention.scale", 0.2F);
    }
    if (Is("nomic-bert")) {
      builder_.Bool(name_ + ".attention.causal", 0);
      Number("pooling_type", 1).Real("rope.freq_base", 1000);
      builder_.Number<uint32_t>("tokenizer.ggml.token_type_count", 2);
    }
  }

  void AddEnds() {
    if (Is("nomic-bert")) {
      NormOf("token_embd_norm", kWidth);
      Matrix("token_types.weight", kWidth, 2, 0.5F);
      return;
    }
    NormOf("output_norm", kWidth);
    if (!Is("gemma")) Matrix("output.weight", kWidth, kVocabulary, 0.25F);
    if (Is("phi2")) Vector("output.bias", kVocabulary, 0, 0.3F);
    if (Is("gpt2")) Matrix("position_embd.weight", kWidth, kContext, 0.5F);
  }

  uint32_t HeadDim() const { return Is("gemma") ? 32 : kHeadDim; }

  void AddLayer(const std::string& block, uint32_t index) {
    const bool after = Is("exaone4") || Is("glm4");
    if (Is("nomic-bert")) {
      NormOf(block + "attn_output_norm", kWidth);
      NormOf(block + "layer_output_norm", kWidth);
    } else {
      if (!Is("exaone4")) NormOf(block + "attn_norm", kWidth);
      if (after || Is("gpt-oss")) NormOf(block + "post_attention_norm", kWidth);
      if (after) NormOf(block + "post_ffw_norm", kWidth);
      if (!Is("exaone4") && !Is("phi2") && !Is("falcon") && !Is("gpt-oss"))
        NormOf(block + "ffn_norm", kWidth);
    }
    if (Recurrent(index)) {
      AddMixer(block);
    } else {
      AddAttention(block);
    }
    const bool mixture = Mixture() || (Is("ernie4_5-moe") && index > 0);
    if (mixture) {
      AddExperts(block);
    } else {
      AddFeedForward(block, "", kFeedForward);
    }
  }

  void AddAttention(const std::string& block) {
    const uint32_t query = kHeads * HeadDim();
    const uint32_t key = KvHeads() * HeadDim();
    const bool biased = Biases() || Is("gpt-oss") || Is("qwen2moe") || Is("glm4");
    if (Is("falcon") || Is("gpt2") || Is("nomic-bert")) {
      Matrix(block + "attn_qkv.weight", kWidth, query + 2 * key, 0.17F);
      if (biased) Vector(block + "attn_qkv.bias", query + 2 * key, 0, 0.3F);
    } else {
      for (const auto& [name, rows] :
           {std::pair{"attn_q", query}, {"attn_k", key}, {"attn_v", key}}) {
        Matrix(block + name + ".weight", kWidth, rows, 0.17F);
        if (biased) Vector(block + name + ".bias", rows, 0, 0.3F);
      }
    }
    Matrix(block + "attn_output.weight", query, kWidth, 0.12F);
    if (Biases() || Is("gpt-oss")) Vector(block + "attn_output.bias", kWidth, 0, 0.1F);
    if (Is("gpt-oss")) Vector(block + "attn_sinks.weight", kHeads, 0, 1);
    if (!Is("exaone4")) return;
    Vector(block + "attn_q_norm.weight", HeadDim(), 1, 0.2F);
    Vector(block + "attn_k_norm.weight", HeadDim(), 1, 0.2F);
  }

  void AddMixer(const std::string& block) {
    const uint32_t heads = SsmHeads();
    const uint32_t convolved = kSsmInner + 2 * SsmGroups() * SsmState();
    Matrix(block + "ssm_in.weight", kWidth, kSsmInner + convolved + heads, 0.17F);
    Matrix(block + "ssm_conv1d.weight", 4, convolved, 0.5F);
    Vector(block + "ssm_conv1d.bias", convolved, 0, 0.3F);
    Vector(block + "ssm_dt.bias", heads, -1, 0.5F);
    Floats(block + "ssm_a", {1, heads}, -1.5F, 0.4F);
    Floats(block + "ssm_d", {1, heads}, 1, 0.3F);
    Floats(block + "ssm_norm.weight", {kSsmInner / SsmGroups(), SsmGroups()}, 1, 0.2F);
    Matrix(block + "ssm_out.weight", kSsmInner, kWidth, 0.12F);
  }

  void AddFeedForward(const std::string& block, const std::string& suffix, uint32_t length) {
    if (Is("glm4")) {
      Matrix(block + "ffn_up.weight", kWidth, 2 * length, 0.12F);
    } else {
      if (Gated()) Matrix(block + "ffn_gate" + suffix + ".weight", kWidth, length, 0.12F);
      Matrix(block + "ffn_up" + suffix + ".weight", kWidth, length, 0.12F);
    }
    Matrix(block + "ffn_down" + suffix + ".weight", length, kWidth, 0.1F);
    if (!Biases()) return;
    Vector(block + "ffn_up.bias", length, 0, 0.1F);
    Vector(block + "ffn_down.bias", kWidth, 0, 0.1F);
  }

  void AddExperts(const std::string& block) {
    Matrix(block + "ffn_gate_inp.weight", kWidth, kExperts, 0.25F);
    Floats(block + "ffn_gate_exps.weight", {kWidth, kExpertLength, kExperts}, 0, 0.12F);
    Floats(block + "ffn_up_exps.weight", {kWidth, kExpertLength, kExperts}, 0, 0.12F);
    Floats(block + "ffn_down_exps.weight", {kExpertLength, kWidth, kExperts}, 0, 0.17F);
    if (Is("ernie4_5-moe")) {
      Vector(block + "exp_probs_b.bias", kExperts, 0, 0.2F);
      AddFeedForward(block, "_shexp", 48);
    }
    if (Is("granitehybrid-moe")) AddFeedForward(block, "_shexp", 48);
    if (Is("qwen2moe")) {
      Vector(block + "ffn_gate_inp_shexp.weight", kWidth, 0, 0.2F);
      AddFeedForward(block, "_shexp", 48);
    }
    if (!Is("gpt-oss")) return;
    Vector(block + "ffn_gate_inp.bias", kExperts, 0, 0.3F);
    Matrix(block + "ffn_gate_exps.bias", kExpertLength, kExperts, 0.2F);
    Matrix(block + "ffn_up_exps.bias", kExpertLength, kExperts, 0.2F);
    Matrix(block + "ffn_down_exps.bias", kWidth, kExperts, 0.2F);
  }

  void NormOf(const std::string& name, uint32_t size) {
    Vector(name + ".weight", size, 1, 0.2F);
    if (LayerNorms()) Vector(name + ".bias", size, 0, 0.1F);
  }
  void Vector(const std::string& name, uint32_t size, float mean, float spread) {
    Floats(name, {size}, mean, spread);
  }
  void Matrix(const std::string& name, uint32_t cols, uint32_t rows, float spread) {
    Floats(name, {cols, rows}, 0, spread);
  }
  // Sums of four uniform numbers: near enough to a bell, and the same on every machine.
  void Floats(const std::string& name, const std::vector<uint64_t>& dims, float mean,
              float spread) {
    uint64_t count = 1;
    for (const uint64_t dim : dims) count *= dim;
    std::vector<float> values(count);
    for (float& value : values) {
      float sum = 0;
      for (int i = 0; i < 4; ++i) {
        seed_ = seed_ * 1664525 + 1013904223;
        sum += static_cast<float>(seed_ >> 16) / 65536.0F - 0.5F;
      }
      value = mean + spread * sum * 1.7320508F;
    }
    builder_.Floats(name, dims, values);
  }

  std::string name_;
  std::string architecture_;
  GgufBuilder builder_;
  uint32_t seed_ = 12345;
};

}  // namespace ledge::testing
