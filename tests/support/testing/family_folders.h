// Hugging Face folders that must become the small models of tiny_models.h, bit for bit: the way
// back from GGUF, written down a family at a time as transformers' files have it.
//
//   const TinyFolder folder = FamilyFolder("falcon").folder();
#pragma once

#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gguf/gguf.h"
#include "testing/tiny_folder.h"
#include "testing/tiny_models.h"

namespace ledge::testing {

class FamilyFolder {
 public:
  using Tiny = TinyModel;

  static std::vector<std::string_view> Names() {
    return {"gemma",    "phi2",       "starcoder2",    "stablelm",
            "gpt-oss",  "exaone4",    "ernie4_5",      "ernie4_5-moe",
            "glm4",     "falcon",     "gpt2",          "granitemoe",
            "qwen2moe", "nomic-bert", "granitehybrid", "granitehybrid-moe"};
  }

  explicit FamilyFolder(std::string_view name)
      : name_(name), architecture_(Tiny(name).architecture()), file_(Tiny(name).Build()) {
    const auto header = GgufHeader::Parse(file_, file_.size(), "tiny");
    for (const GgufTensor& tensor : header->tensors()) {
      if (tensor.name.ends_with(".ssm_a")) MakeLogarithmic(tensor);
      Source& source = sources_[std::string(tensor.name)];
      source.shape.assign(tensor.dims.rend() - static_cast<ptrdiff_t>(tensor.n_dims),
                          tensor.dims.rend());
      source.values.resize(tensor.values());
      std::memcpy(source.values.data(), file_.data() + tensor.offset, tensor.bytes);
    }
    folder_.tensors.clear();
    Configure();
    for (const auto& [tensor, source] : sources_) Place(tensor, source);
  }

  const std::string& architecture() const { return architecture_; }
  const std::vector<std::byte>& file() const { return file_; }  // the small model's own
  const TinyFolder& folder() const { return folder_; }

 private:
  struct Source {
    std::vector<uint64_t> shape;  // outermost first
    std::vector<float> values;
  };
  using Renamed = std::map<std::string, std::string, std::less<>>;

  bool Is(std::string_view name) const { return name_ == name; }
  bool Hybrid() const { return architecture_ == "granitehybrid"; }
  bool GraniteExperts() const { return Is("granitemoe") || Is("granitehybrid-moe"); }

  // To the nearest number that is minus e to a float: not all floats are.
  void MakeLogarithmic(const GgufTensor& tensor) {
    for (uint64_t i = 0; i < tensor.values(); ++i) {
      std::byte* const at = file_.data() + tensor.offset + i * sizeof(float);
      float value;
      std::memcpy(&value, at, sizeof(value));
      value = static_cast<float>(-std::exp(double{std::log(-value)}));
      std::memcpy(at, &value, sizeof(value));
    }
  }

  void Configure() {
    nlohmann::json& c = folder_.config;
    c = {{"hidden_size", Tiny::kWidth},
         {"intermediate_size", Tiny::kFeedForward},
         {"max_position_embeddings", Tiny::kContext},
         {"num_attention_heads", Tiny::kHeads},
         {"num_key_value_heads", Tiny::kKvHeads},
         {"num_hidden_layers", Tiny::kLayers},
         {"num_experts_per_tok", 2},
         {"rms_norm_eps", 1e-5},
         {"rope_theta", 10000},
         {"vocab_size", Tiny::kVocabulary}};
    const std::map<std::string_view, nlohmann::json> more = {
        {"gemma", {{"head_dim", 32}, {"hidden_activation", "gelu_pytorch_tanh"}}},
        {"phi2", {{"hidden_act", "gelu_new"}, {"layer_norm_eps", 1e-5}}},
        {"starcoder2", {{"hidden_act", "gelu_pytorch_tanh"}, {"norm_epsilon", 1e-5}}},
        {"stablelm", {{"layer_norm_eps", 1e-5}, {"partial_rotary_factor", 0.5}}},
        {"gpt-oss",
         {{"num_local_experts", 4},
          {"intermediate_size", Tiny::kExpertLength},
          {"rope_theta", 150000},
          {"sliding_window", 16},
          {"swiglu_limit", 7.0}}},
        {"exaone4", {{"sliding_window", nullptr}}},
        {"ernie4_5-moe",
         {{"moe_num_experts", 4},
          {"moe_k", 2},
          {"num_experts_per_tok", nullptr},
          {"moe_intermediate_size", Tiny::kExpertLength},
          {"moe_layer_start_index", 1},
          {"moe_num_shared_experts", 1}}},
        {"granitemoe",
         {{"num_local_experts", 4},
          {"intermediate_size", Tiny::kExpertLength},
          {"attention_multiplier", 0.2},
          {"embedding_multiplier", 3},
          {"residual_multiplier", 0.4},
          {"logits_scaling", 2}}},
        {"qwen2moe",
         {{"num_experts", 4},
          {"moe_intermediate_size", Tiny::kExpertLength},
          {"shared_expert_intermediate_size", 48},
          {"norm_topk_prob", false}}},
        {"falcon", {{"layer_norm_epsilon", 1e-5}, {"ffn_hidden_size", Tiny::kFeedForward}}},
        {"granitehybrid",
         {{"intermediate_size", 7},
          {"shared_intermediate_size", Tiny::kFeedForward},
          {"layer_types", {"mamba", "attention", "mamba", "mamba"}},
          {"position_embedding_type", "nope"},
          {"mamba_n_heads", 8},
          {"mamba_n_groups", 2},
          {"mamba_d_state", 16},
          {"mamba_d_head", 16}}},
        {"granitehybrid-moe",
         {{"num_local_experts", 4},
          {"intermediate_size", Tiny::kExpertLength},
          {"shared_intermediate_size", 48},
          {"layer_types", {"mamba", "attention", "mamba", "attention"}},
          {"position_embedding_type", "rope"},
          {"mamba_expand", 2},
          {"mamba_d_conv", 4},
          {"mamba_n_heads", 16},
          {"mamba_d_state", 24},
          {"mamba_d_head", "auto"}}},
    };
    if (const auto found = more.find(name_); found != more.end()) c.update(found->second);
    if (Hybrid()) {
      c.update({{"attention_multiplier", 0.2},
                {"embedding_multiplier", 3},
                {"residual_multiplier", 0.4},
                {"logits_scaling", 2}});
    }
    if (Is("gpt2") || Is("nomic-bert")) {
      c = {{"n_embd", Tiny::kWidth},        {"n_inner", Tiny::kFeedForward},
           {"n_head", Tiny::kHeads},        {"n_layer", Tiny::kLayers},
           {"n_positions", Tiny::kContext}, {"layer_norm_epsilon", 1e-5}};
    }
    if (Is("nomic-bert")) {
      c.update({{"activation_function", "swiglu"}, {"rotary_emb_base", 1000}});
      folder_.files["1_Pooling/config.json"] = R"({"pooling_mode_mean_tokens":true})";
    }
    c["architectures"] = {Class()};
  }

  std::string Class() const {
    static const Renamed classes = {{"gemma", "GemmaForCausalLM"},
                                    {"phi2", "PhiForCausalLM"},
                                    {"starcoder2", "Starcoder2ForCausalLM"},
                                    {"stablelm", "StableLmForCausalLM"},
                                    {"gpt-oss", "GptOssForCausalLM"},
                                    {"exaone4", "Exaone4ForCausalLM"},
                                    {"ernie4_5", "Ernie4_5ForCausalLM"},
                                    {"ernie4_5-moe", "Ernie4_5_MoeForCausalLM"},
                                    {"glm4", "Glm4ForCausalLM"},
                                    {"falcon", "FalconForCausalLM"},
                                    {"gpt2", "GPT2LMHeadModel"},
                                    {"granitemoe", "GraniteMoeForCausalLM"},
                                    {"granitehybrid", "GraniteMoeHybridForCausalLM"},
                                    {"granitehybrid-moe", "GraniteMoeHybridForCausalLM"},
                                    {"qwen2moe", "Qwen2MoeForCausalLM"},
                                    {"nomic-bert", "NomicBertModel"}};
    return classes.find(name_)->second;
  }

  // What stands before and behind the layers.
  std::string EndName(const std::string& stem) const {
    static const Renamed gpt2 = {
        {"token_embd", "wte"}, {"output_norm", "ln_f"}, {"position_embd", "wpe"}};
    static const Renamed falcon = {{"token_embd", "transformer.word_embeddings"},
                                   {"output_norm", "transformer.ln_f"}};
    static const Renamed nomic = {{"token_embd", "embeddings.word_embeddings"},
                                  {"token_types", "embeddings.token_type_embeddings"},
                                  {"token_embd_norm", "emb_ln"}};
    if (stem == "output") return "lm_head";
    if (Is("gpt2")) return gpt2.find(stem)->second;
    if (Is("falcon")) return falcon.find(stem)->second;
    if (Is("nomic-bert")) return nomic.find(stem)->second;
    if (stem == "token_embd") return "model.embed_tokens";
    return Is("phi2") ? "model.final_layernorm" : "model.norm";
  }

  // A layer's part that keeps its rows.
  std::string LayerName(const std::string& stem) const {
    static const Renamed usual = {{"attn_norm", "input_layernorm"},
                                  {"ffn_norm", "post_attention_layernorm"},
                                  {"attn_q", "self_attn.q_proj"},
                                  {"attn_k", "self_attn.k_proj"},
                                  {"attn_v", "self_attn.v_proj"},
                                  {"attn_output", "self_attn.o_proj"},
                                  {"attn_q_norm", "self_attn.q_norm"},
                                  {"attn_k_norm", "self_attn.k_norm"},
                                  {"ffn_gate", "mlp.gate_proj"},
                                  {"ffn_up", "mlp.up_proj"},
                                  {"ffn_down", "mlp.down_proj"},
                                  {"ffn_gate_inp", "mlp.gate"},
                                  {"post_attention_norm", "post_attention_layernorm"},
                                  {"post_ffw_norm", "post_feedforward_layernorm"},
                                  {"ssm_in", "mamba.in_proj"},
                                  {"ssm_conv1d", "mamba.conv1d"},
                                  {"ssm_norm", "mamba.norm"},
                                  {"ssm_out", "mamba.out_proj"}};
    static const std::map<std::string_view, Renamed> own = {
        {"phi2",
         {{"attn_output", "self_attn.dense"}, {"ffn_up", "mlp.fc1"}, {"ffn_down", "mlp.fc2"}}},
        {"starcoder2", {{"ffn_up", "mlp.c_fc"}, {"ffn_down", "mlp.c_proj"}}},
        {"glm4",
         {{"post_attention_norm", "post_self_attn_layernorm"},
          {"post_ffw_norm", "post_mlp_layernorm"},
          {"ffn_up", "mlp.gate_up_proj"}}},
        {"gpt-oss", {{"ffn_gate_inp", "mlp.router"}}},
        {"granitemoe", {{"ffn_gate_inp", "block_sparse_moe.router.layer"}}},
        {"granitehybrid-moe", {{"ffn_gate_inp", "block_sparse_moe.router.layer"}}},
        {"qwen2moe",
         {{"ffn_gate_shexp", "mlp.shared_expert.gate_proj"},
          {"ffn_up_shexp", "mlp.shared_expert.up_proj"},
          {"ffn_down_shexp", "mlp.shared_expert.down_proj"}}},
        {"ernie4_5-moe",
         {{"ffn_gate_shexp", "mlp.shared_experts.gate_proj"},
          {"ffn_up_shexp", "mlp.shared_experts.up_proj"},
          {"ffn_down_shexp", "mlp.shared_experts.down_proj"}}},
        {"falcon",
         {{"attn_output", "self_attention.dense"},
          {"ffn_up", "mlp.dense_h_to_4h"},
          {"ffn_down", "mlp.dense_4h_to_h"}}},
        {"gpt2",
         {{"attn_norm", "ln_1"},
          {"ffn_norm", "ln_2"},
          {"attn_qkv", "attn.c_attn"},
          {"attn_output", "attn.c_proj"},
          {"ffn_up", "mlp.c_fc"},
          {"ffn_down", "mlp.c_proj"}}},
        {"nomic-bert",
         {{"attn_qkv", "attn.Wqkv"},
          {"attn_output", "attn.out_proj"},
          {"attn_output_norm", "norm1"},
          {"layer_output_norm", "norm2"},
          {"ffn_gate", "mlp.fc12"},
          {"ffn_up", "mlp.fc11"},
          {"ffn_down", "mlp.fc2"}}}};
    const auto mine = own.find(name_);
    if (mine != own.end()) {
      if (const auto found = mine->second.find(stem); found != mine->second.end()) {
        return found->second;
      }
    }
    const auto found = usual.find(stem);
    return found == usual.end() ? "" : found->second;
  }

  std::string LayerPrefix(const std::string& number) const {
    const std::string_view before = Is("gpt2")         ? "h."
                                    : Is("falcon")     ? "transformer.h."
                                    : Is("nomic-bert") ? "encoder.layers."
                                                       : "model.layers.";
    return std::string(before) + number + ".";
  }

  void Add(const std::string& name, const std::vector<uint64_t>& shape, std::vector<float> values) {
    // Gemma's norms are what is added to one.
    if (Is("gemma") && name.find("norm.") != std::string::npos) {
      for (float& value : values) value -= 1;
    }
    folder_.tensors.push_back({name, "F32", shape, FloatBytes(values)});
  }

  void Place(const std::string& tensor, const Source& source) {
    const size_t dot = tensor.rfind('.');
    const std::string kind = tensor.substr(dot);
    if (!tensor.starts_with("blk.")) {
      Add(EndName(tensor.substr(0, dot)) + kind, source.shape, source.values);
      return;
    }
    const size_t number_end = tensor.find('.', 4);
    const std::string block = tensor.substr(0, number_end + 1);
    const std::string stem = tensor.substr(number_end + 1, dot - number_end - 1);
    const std::string prefix = LayerPrefix(tensor.substr(4, number_end - 4));
    if (Hybrid() && PlaceHybrid(tensor.substr(number_end + 1), block, prefix, source)) return;
    if (stem.ends_with("_exps")) return PlaceExperts(block, stem, kind, prefix, source);
    if (stem == "attn_sinks") return Add(prefix + "self_attn.sinks", source.shape, source.values);
    if (stem == "exp_probs_b") {
      return Add(prefix + "mlp.moe_statics.e_score_correction_bias", {1, source.values.size()},
                 source.values);
    }
    if (stem == "ffn_gate_inp_shexp") {
      return Add(prefix + "mlp.shared_expert_gate.weight", {1, source.values.size()},
                 source.values);
    }
    if (Is("falcon") && stem == "attn_qkv") {
      // One group: all heads, then key and value, as in GGUF.
      return Add(prefix + "self_attention.query_key_value.weight", source.shape, source.values);
    }
    const std::string name = prefix + LayerName(stem) + kind;
    if (Is("gpt2") && source.shape.size() == 2) {
      return Add(name, {source.shape[1], source.shape[0]}, Transposed(source, 0));
    }
    const bool turns = stem == "attn_q" || stem == "attn_k";
    const bool unpair = turns && (Is("granitemoe") || Hybrid());
    Add(name, source.shape, unpair ? Unpaired(source) : source.values);
  }

  // What a hybrid's layer has that others have not: whether `part` is of that.
  bool PlaceHybrid(const std::string& part, const std::string& block, const std::string& prefix,
                   const Source& source) {
    const std::string suffix = Is("granitehybrid-moe") ? "_shexp" : "";
    std::vector<float> values = source.values;
    if (part == "ffn_gate" + suffix + ".weight") {
      const Source& up = sources_[block + "ffn_up" + suffix + ".weight"];
      values.insert(values.end(), up.values.begin(), up.values.end());
      Add(prefix + "shared_mlp.input_linear.weight", {2 * source.shape[0], source.shape[1]},
          values);
    } else if (part == "ffn_down" + suffix + ".weight") {
      Add(prefix + "shared_mlp.output_linear.weight", source.shape, values);
    } else if (part == "ssm_a") {
      for (float& value : values) value = std::log(-value);
      Add(prefix + "mamba.A_log", {values.size()}, values);
    } else if (part == "ssm_d") {
      Add(prefix + "mamba.D", {values.size()}, values);
    } else if (part == "ssm_dt.bias") {
      Add(prefix + "mamba.dt_bias", {values.size()}, values);
    } else if (part == "ssm_norm.weight") {
      Add(prefix + "mamba.norm.weight", {values.size()}, values);
    } else if (part == "ssm_conv1d.weight") {
      Add(prefix + "mamba.conv1d.weight", {source.shape[0], 1, source.shape[1]}, values);
    } else {
      return part == "ffn_up" + suffix + ".weight";  // comes with the gate
    }
    return true;
  }

  void PlaceExperts(const std::string& block, const std::string& stem, const std::string& kind,
                    const std::string& prefix, const Source& source) {
    const uint64_t count = source.shape[0];
    const Source& up = sources_[block + "ffn_up_exps" + kind];
    if (Is("gpt-oss")) {
      const std::string experts = prefix + "mlp.experts.";
      const std::string ending = kind == ".bias" ? "_bias" : "";
      const bool down = stem == "ffn_down_exps";
      if (stem == "ffn_up_exps") return;  // comes with the gate
      const Source all = down ? source : Merged(source, up, /*interleaved=*/true);
      const std::string name = experts + (down ? "down_proj" : "gate_up_proj") + ending;
      if (kind == ".bias") return Add(name, all.shape, all.values);
      std::vector<float> values;
      for (uint64_t i = 0; i < count; ++i) {
        const auto matrix = Transposed(all, i);
        values.insert(values.end(), matrix.begin(), matrix.end());
      }
      return Add(name, {count, all.shape[2], all.shape[1]}, values);
    }
    if (GraniteExperts()) {
      if (stem == "ffn_up_exps") return;
      const std::string experts = prefix + "block_sparse_moe.";
      if (stem == "ffn_down_exps") {
        return Add(experts + "output_linear.weight", source.shape, source.values);
      }
      const Source both = Merged(source, up, /*interleaved=*/false);
      return Add(experts + "input_linear.weight", both.shape, both.values);
    }
    const std::string part = stem == "ffn_gate_exps" ? "gate"
                             : stem == "ffn_up_exps" ? "up"
                                                     : "down";
    const size_t each = source.values.size() / count;
    for (uint64_t i = 0; i < count; ++i) {
      const auto begin = source.values.begin() + static_cast<ptrdiff_t>(i * each);
      Add(prefix + "mlp.experts." + std::to_string(i) + "." + part + "_proj.weight",
          {source.shape[1], source.shape[2]}, {begin, begin + static_cast<ptrdiff_t>(each)});
    }
  }

  // Row by row of each expert, or all of one's rows and then the other's. Rows of a bias are
  // values.
  static Source Merged(const Source& a, const Source& b, bool interleaved) {
    Source all{.shape = a.shape, .values = {}};
    all.shape[1] *= 2;
    const uint64_t rows = a.shape[1];
    const uint64_t row = a.shape.size() == 3 ? a.shape[2] : 1;
    const auto add = [&](const Source& from, uint64_t first, uint64_t count) {
      const auto begin = from.values.begin() + static_cast<ptrdiff_t>(first * row);
      all.values.insert(all.values.end(), begin, begin + static_cast<ptrdiff_t>(count * row));
    };
    for (uint64_t e = 0; e < a.shape[0]; ++e) {
      for (uint64_t r = 0; r < (interleaved ? rows : 1); ++r) {
        add(a, e * rows + r, interleaved ? 1 : rows);
        add(b, e * rows + r, interleaved ? 1 : rows);
      }
    }
    return all;
  }

  // Matrix `index` of a stack, or a matrix.
  static std::vector<float> Transposed(const Source& source, uint64_t index) {
    const uint64_t cols = source.shape.back();
    const uint64_t rows = source.shape[source.shape.size() - 2];
    std::vector<float> out(rows * cols);
    for (uint64_t r = 0; r < rows; ++r) {
      for (uint64_t c = 0; c < cols; ++c) {
        out[c * rows + r] = source.values[(index * rows + r) * cols + c];
      }
    }
    return out;
  }

  // Rows 2i and 2i + 1 of a head to row i of its first and of its second half.
  static std::vector<float> Unpaired(const Source& source) {
    const uint64_t cols = source.shape.size() == 2 ? source.shape[1] : 1;
    std::vector<float> out(source.values.size());
    for (uint64_t r = 0; r < source.shape[0]; ++r) {
      const uint64_t head = r / Tiny::kHeadDim * Tiny::kHeadDim;
      const uint64_t in_head = r % Tiny::kHeadDim;
      const uint64_t to = head + in_head % 2 * (Tiny::kHeadDim / 2) + in_head / 2;
      std::memcpy(out.data() + to * cols, source.values.data() + r * cols, cols * sizeof(float));
    }
    return out;
  }

  std::string name_;
  std::string architecture_;
  std::vector<std::byte> file_;
  std::map<std::string, Source> sources_;
  TinyFolder folder_;
};

}  // namespace ledge::testing
