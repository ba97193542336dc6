#include "quant/synth_plan.h"

#include <cmath>

namespace ledge {
namespace {

using enum TensorType;

// The first and last eighth of the layers and every third between.
bool WantsMoreBits(uint32_t layer, uint32_t layers) {
  return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}

class Planner {
 public:
  Planner(const ModelShape& shape, const SynthMix& mix) : shape_(shape), mix_(mix) {}

  std::vector<SynthTensor> Run() {
    const uint64_t vocabulary = shape_.vocabulary;
    Matrix("token_embd.weight", shape_.tied ? mix_.output : mix_.base, {shape_.hidden, vocabulary});
    for (uint32_t layer = 0; layer < shape_.layers; ++layer) AddLayer(layer);
    Norm("output_norm.weight", {shape_.hidden});
    if (!shape_.tied) Matrix("output.weight", mix_.output, {shape_.hidden, vocabulary});
    return std::move(plan_);
  }

 private:
  void AddLayer(uint32_t layer) {
    block_ = fmt::format("blk.{}.", layer);
    more_bits_ = WantsMoreBits(layer, shape_.layers) ? mix_.more_bits : mix_.base;
    Norm(block_ + "attn_norm.weight", {shape_.hidden});
    if (shape_.HasMixer(layer)) {
      AddMixer();
    } else {
      AddAttention();
    }
    Norm(block_ + "ffn_norm.weight", {shape_.hidden});
    if (shape_.experts > 0) {
      AddExperts();
    } else {
      AddFeedForward();
    }
  }

  void AddAttention() {
    const uint64_t queries = uint64_t{shape_.heads} * shape_.head_values;
    const uint64_t keys = uint64_t{shape_.kv_heads} * shape_.head_values;
    Matrix(block_ + "attn_q.weight", mix_.base, {shape_.hidden, queries});
    Matrix(block_ + "attn_k.weight", mix_.base, {shape_.hidden, keys});
    Matrix(block_ + "attn_v.weight", more_bits_, {shape_.hidden, keys});
    Matrix(block_ + "attn_output.weight", mix_.base, {queries, shape_.hidden});
    if (shape_.architecture != "qwen3moe") return;
    Norm(block_ + "attn_q_norm.weight", {shape_.head_values});
    Norm(block_ + "attn_k_norm.weight", {shape_.head_values});
  }

  void AddMixer() {
    const MixerShape& mixer = shape_.mixer;
    const uint64_t convolved = uint64_t{mixer.inner} + 2ULL * mixer.groups * mixer.state;
    Matrix(block_ + "ssm_in.weight", mix_.base,
           {shape_.hidden, mixer.inner + convolved + mixer.heads});
    Matrix(block_ + "ssm_conv1d.weight", kF32, {mixer.taps, convolved});
    Floats(block_ + "ssm_conv1d.bias", {convolved}, 0, 0.1F);
    Floats(block_ + "ssm_dt.bias", {mixer.heads}, -1, 0.1F);
    Floats(block_ + "ssm_a", {1, mixer.heads}, -1.5F, 0.1F);
    Floats(block_ + "ssm_d", {1, mixer.heads}, 1, 0.1F);
    Norm(block_ + "ssm_norm.weight", {mixer.inner / mixer.groups, mixer.groups});
    Matrix(block_ + "ssm_out.weight", mix_.base, {mixer.inner, shape_.hidden});
  }

  void AddFeedForward() {
    Matrix(block_ + "ffn_gate.weight", mix_.base, {shape_.hidden, shape_.ffn});
    Matrix(block_ + "ffn_up.weight", mix_.base, {shape_.hidden, shape_.ffn});
    Matrix(block_ + "ffn_down.weight", more_bits_, {shape_.ffn, shape_.hidden});
  }

  void AddExperts() {
    const uint64_t count = shape_.experts;
    Matrix(block_ + "ffn_gate_inp.weight", kF32, {shape_.hidden, count});
    Matrix(block_ + "ffn_gate_exps.weight", mix_.base, {shape_.hidden, shape_.ffn, count});
    Matrix(block_ + "ffn_up_exps.weight", mix_.base, {shape_.hidden, shape_.ffn, count});
    Matrix(block_ + "ffn_down_exps.weight", more_bits_, {shape_.ffn, shape_.hidden, count});
  }

  // Weights of 1/sqrt(n) keep what a matrix of n columns multiplies at its size.
  void Matrix(std::string name, TensorType type, std::vector<uint64_t> dims) {
    const float deviation = 1.0F / std::sqrt(static_cast<float>(dims[0]));
    plan_.push_back({std::move(name), type, std::move(dims), 0, deviation});
  }
  void Norm(std::string name, std::vector<uint64_t> dims) {
    Floats(std::move(name), std::move(dims), 1, 0.05F);
  }
  void Floats(std::string name, std::vector<uint64_t> dims, float mean, float deviation) {
    plan_.push_back({std::move(name), kF32, std::move(dims), mean, deviation});
  }

  const ModelShape& shape_;
  const SynthMix& mix_;
  std::vector<SynthTensor> plan_;
  std::string block_;            // of the layer at hand
  TensorType more_bits_ = kF32;  // in it
};

class Metadata {
 public:
  Metadata(GgufWriter& writer, const ModelShape& shape) : writer_(writer), shape_(shape) {}

  void Add() {
    Count("vocab_size", shape_.vocabulary);
    Count("context_length", shape_.context);
    Count("embedding_length", shape_.hidden);
    Count("block_count", shape_.layers);
    Count("feed_forward_length", shape_.ffn);
    Count("attention.head_count", shape_.heads);
    AddKvHeads();
    if (shape_.head_values * shape_.heads != shape_.hidden) {
      Count("attention.key_length", shape_.head_values);
      Count("attention.value_length", shape_.head_values);
    }
    Count("rope.dimension_count", shape_.head_values);
    Number("rope.freq_base", shape_.rope_base);
    Number("attention.layer_norm_rms_epsilon", 1e-5F);
    if (shape_.experts > 0) {
      Count("expert_count", shape_.experts);
      Count("expert_used_count", shape_.experts_used);
      Count("expert_feed_forward_length", shape_.ffn);
    }
    if (shape_.mixer.inner != 0) AddMixers();
  }

 private:
  void AddKvHeads() {
    constexpr std::string_view kName = "attention.head_count_kv";
    if (shape_.mixer.inner == 0) return Count(kName, shape_.kv_heads);
    std::vector<uint32_t> each;
    for (uint32_t i = 0; i < shape_.layers; ++i)
      each.push_back(shape_.HasMixer(i) ? 0 : shape_.kv_heads);
    writer_.AddNumbers<uint32_t>(Key(kName), each);
  }

  // With Granite's multipliers: without them, what so many layers of random weights add would grow.
  void AddMixers() {
    Count("ssm.conv_kernel", shape_.mixer.taps);
    Count("ssm.inner_size", shape_.mixer.inner);
    Count("ssm.state_size", shape_.mixer.state);
    Count("ssm.group_count", shape_.mixer.groups);
    Count("ssm.time_step_rank", shape_.mixer.heads);
    writer_.AddBool(Key("rope.scaling.finetuned"), false);
    Number("embedding_scale", 12);
    Number("residual_scale", 0.22F);
    Number("attention.scale", 1.0F / static_cast<float>(shape_.head_values));
    Number("logit_scale", 1);
  }

  std::string Key(std::string_view name) const {
    return fmt::format("{}.{}", shape_.architecture, name);
  }
  void Count(std::string_view name, uint32_t value) {
    writer_.AddNumber<uint32_t>(Key(name), value);
  }
  void Number(std::string_view name, float value) { writer_.AddNumber<float>(Key(name), value); }

  GgufWriter& writer_;
  const ModelShape& shape_;
};

}  // namespace

uint64_t SynthTensor::rows() const {
  uint64_t rows = 1;
  for (size_t i = 1; i < dims.size(); ++i) rows *= dims[i];
  return rows;
}

std::vector<SynthTensor> PlanSynth(const ModelShape& shape, const SynthMix& mix) {
  return Planner(shape, mix).Run();
}

void AddSynthMetadata(GgufWriter& writer, const ModelShape& shape, const SynthMix& mix) {
  writer.AddString("general.architecture", shape.architecture);
  writer.AddString("general.name", fmt::format("{} with random weights", shape.model));
  writer.AddNumber<uint32_t>("general.file_type", mix.file_type);
  writer.AddNumber<uint32_t>("general.quantization_version", 2);
  Metadata(writer, shape).Add();
}

}  // namespace ledge
