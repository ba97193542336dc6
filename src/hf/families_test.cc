// Families without golden folders: each must become the small model of its architecture whose
// answers are tested against llama.cpp's (engine/architectures_test.cc), bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "testing/family_folders.h"
#include "testing/made_folder.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using testing::FamilyFolder;
using testing::MadeFolder;
using testing::MakeFolder;
using testing::NamedTensor;
using testing::TinyFolder;

class FamilyTest : public ::testing::TestWithParam<std::string_view> {};

TEST_P(FamilyTest, BecomesTheSameTensorsBitForBit) {
  const FamilyFolder family(GetParam());
  ASSERT_OK_AND_ASSIGN(const auto expected,
                       GgufHeader::Parse(family.file(), family.file().size(), "tiny"));
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(family.folder()));
  EXPECT_EQ(made.header.String("general.architecture").value(), family.architecture());
  EXPECT_EQ(made.header.tensors().size(), expected.tensors().size());
  for (const GgufTensor& tensor : expected.tensors()) {
    SCOPED_TRACE(tensor.name);
    const GgufTensor* const same = made.header.FindTensor(tensor.name);
    ASSERT_NE(same, nullptr);
    EXPECT_EQ(same->dims, tensor.dims);
    EXPECT_EQ(same->n_dims, tensor.n_dims);
    ASSERT_EQ(same->bytes, tensor.bytes);
    EXPECT_EQ(std::memcmp(made.bytes.data() + same->offset, family.file().data() + tensor.offset,
                          tensor.bytes),
              0);
  }
}

TEST_P(FamilyTest, HasTheKeysOfItsArchitecture) {
  const FamilyFolder family(GetParam());
  ASSERT_OK_AND_ASSIGN(const auto expected,
                       GgufHeader::Parse(family.file(), family.file().size(), "tiny"));
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(family.folder()));
  int keys = 0;
  for (const auto& [key, value] : expected.metadata()) {
    if (!key.starts_with(family.architecture()) || key.ends_with(".vocab_size")) continue;
    // The small models' are such as no configuration can say: no multiple of an expert's length,
    // and another one than the experts'.
    if (key == "ernie4_5-moe.expert_shared_feed_forward_length") continue;
    if (key == "gpt-oss.feed_forward_length") continue;
    ++keys;
    if (value.type == GgufType::kBool) {
      EXPECT_EQ(made.header.Bool(key, true).value(), expected.Bool(key, true).value()) << key;
      continue;
    }
    if (value.type == GgufType::kArray) {
      const GgufValue* const made_value = made.header.Find(key);
      ASSERT_NE(made_value, nullptr) << key;
      ASSERT_EQ(made_value->count, value.count) << key;
      for (uint64_t i = 0; i < value.count; ++i) {
        EXPECT_EQ(GgufElement<uint32_t>(*made_value, i), GgufElement<uint32_t>(value, i)) << key;
      }
      continue;
    }
    ASSERT_OK_AND_ASSIGN(const double number, expected.Number(key));
    const double unsaid = key.ends_with(".head_count_kv") ? FamilyFolder::Tiny::kHeads : -1.0;
    EXPECT_EQ(made.header.Number(key, unsaid).value(), number) << key;
  }
  EXPECT_GE(keys, 6);
}

TEST_P(FamilyTest, IsTheSameReadRowByRow) {
  const FamilyFolder family(GetParam());
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(family.folder()));
  ASSERT_OK_AND_ASSIGN(FolderModel model, testing::OpenFolder(family.folder()));
  std::vector<std::byte> bytes(model.file_bytes());
  for (size_t at = 0; at < bytes.size(); at += std::min<size_t>(100, bytes.size() - at)) {
    ASSERT_OK(model.Read(std::span(bytes).subspan(at, std::min<size_t>(100, bytes.size() - at))));
  }
  EXPECT_TRUE(bytes == made.bytes);
}

// Whatever a tensor is called, the folder doesn't become a model without it, nor with one more.
TEST_P(FamilyTest, NeedsEveryTensorAndNoOther) {
  const FamilyFolder family(GetParam());
  ASSERT_OK_AND_ASSIGN(const MadeFolder whole, MakeFolder(family.folder()));
  for (const NamedTensor& tensor : family.folder().tensors) {
    SCOPED_TRACE(tensor.name);
    TinyFolder folder = family.folder();
    folder.Drop(tensor.name);
    const auto made = MakeFolder(folder);
    if (!made.ok()) {
      EXPECT_NE(made.error().message.find("tensor '"), std::string::npos) << made.error().message;
      continue;
    }
    EXPECT_LT(made->header.tensors().size(), whole.header.tensors().size());
  }
  TinyFolder more = family.folder();
  more.Add("model.layers.0.surplus.weight", {4});
  EXPECT_ERROR(MakeFolder(more), Code::kUnsupported,
               "'model.layers.0.surplus.weight' has no place");
}

INSTANTIATE_TEST_SUITE_P(All, FamilyTest, ::testing::ValuesIn(FamilyFolder::Names()),
                         [](const auto& test) {
                           std::string name(test.param);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(Falcon, GroupsOfHeadsComeApart) {
  TinyFolder folder = FamilyFolder("falcon").folder();
  folder.config["new_decoder_architecture"] = true;
  folder.config["num_kv_heads"] = 2;
  for (NamedTensor& tensor : folder.tensors) {
    if (!tensor.name.ends_with("query_key_value.weight")) continue;
    const std::string name = tensor.name;
    folder.Drop(name);
    folder.Add(name, {128, 64});
    break;
  }
  for (int i = 0; i < 4; ++i) {
    const std::string layer = fmt::format("transformer.h.{}.", i);
    for (const std::string kind : {".weight", ".bias"}) {
      folder.Add(layer + "ln_mlp" + kind, {64});
      folder.Add(layer + "ln_attn" + kind, {64});
      folder.Drop(layer + "input_layernorm" + kind);
    }
    if (i > 0) {
      folder.Drop(layer + "self_attention.query_key_value.weight");
      folder.Add(layer + "self_attention.query_key_value.weight", {128, 64});
    }
  }
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.header.Unsigned("falcon.attention.head_count_kv").value(), 2U);
  EXPECT_NE(made.header.FindTensor("blk.0.attn_norm_2.weight"), nullptr);
  const NamedTensor& source =
      folder.Tensor("transformer.h.1.self_attention.query_key_value.weight");
  std::vector<float> from(128 * 64);
  std::memcpy(from.data(), source.data.data(), source.data.size());
  const auto to = made.Values("blk.1.attn_qkv.weight");
  ASSERT_EQ(to.size(), from.size());
  // Heads of 16 rows: two queries, key and value of the first group, then of the second.
  const int head_of[] = {0, 1, 4, 5, 2, 6, 3, 7};
  for (int head = 0; head < 8; ++head) {
    for (int row = 0; row < 16; ++row) {
      EXPECT_EQ(to[(head * 16 + row) * 64 + 5], from[(head_of[head] * 16 + row) * 64 + 5]);
    }
  }
}

TEST(Falcon, OldNamesSayTheSame) {
  TinyFolder folder = FamilyFolder("falcon").folder();
  folder.config["architectures"] = {"RWForCausalLM"};
  folder.config.erase("num_attention_heads");
  folder.config.erase("num_hidden_layers");
  folder.config["n_head"] = 4;
  folder.config["n_layer"] = 4;
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.header.Unsigned("falcon.block_count").value(), 4U);
  EXPECT_EQ(made.header.Unsigned("falcon.attention.head_count_kv").value(), 1U);
}

// gpt-oss with experts in MXFP4, codes and scales made up.
class Mxfp4Test : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = FamilyFolder("gpt-oss").folder();
    std::erase_if(folder_.tensors, [](const NamedTensor& tensor) {
      return tensor.name.ends_with("experts.gate_up_proj") ||
             tensor.name.ends_with("experts.down_proj");
    });
    for (int i = 0; i < 4; ++i) {
      const std::string experts = Experts(i);
      Bytes(experts + "gate_up_proj_blocks", {4, 64, 2, 16}, 0, 256);
      Bytes(experts + "gate_up_proj_scales", {4, 64, 2}, 118, 6);
      Bytes(experts + "down_proj_blocks", {4, 64, 1, 16}, 0, 256);
      Bytes(experts + "down_proj_scales", {4, 64, 1}, 118, 6);
    }
  }
  static std::string Experts(int layer) {
    return fmt::format("model.layers.{}.mlp.experts.", layer);
  }
  void Bytes(const std::string& name, const std::vector<uint64_t>& shape, int from, int range) {
    uint64_t count = 1;
    for (const uint64_t dim : shape) count *= dim;
    std::string data(count, '\0');
    for (char& byte : data) {
      seed_ = seed_ * 1664525 + 1013904223;
      byte = static_cast<char>(from + static_cast<int>(seed_ >> 16) % range);
    }
    folder_.tensors.push_back({name, "U8", shape, data});
  }
  // As transformers defines the value: 4-bit floats, the even ones below, times a power of two.
  float Value(const std::string& name, uint64_t row, uint64_t value) {
    static constexpr float kCodes[] = {0, 0.5F, 1, 1.5F, 2, 3, 4, 6};
    const NamedTensor& blocks = folder_.Tensor(name + "_blocks");
    const NamedTensor& scales = folder_.Tensor(name + "_scales");
    const uint64_t row_blocks = blocks.shape[2];
    const uint64_t block = row * row_blocks + value / 32;
    const auto pair = static_cast<uint8_t>(blocks.data[block * 16 + value % 32 / 2]);
    const int code = value % 2 == 0 ? pair & 15 : pair >> 4;
    const float size = std::ldexp(kCodes[code & 7], static_cast<uint8_t>(scales.data[block]) - 127);
    return code < 8 ? size : -size;
  }

  TinyFolder folder_;
  uint32_t seed_ = 1;
};

TEST_F(Mxfp4Test, KeepsItsBitsAndSeparatesGateFromUp) {
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder_));
  const auto gate = made.Values("blk.1.ffn_gate_exps.weight");
  const auto up = made.Values("blk.1.ffn_up_exps.weight");
  const auto down = made.Values("blk.1.ffn_down_exps.weight");
  ASSERT_EQ(gate.size(), 4U * 32 * 64);
  ASSERT_EQ(down.size(), 4U * 64 * 32);
  const GgufTensor* const tensor = made.header.FindTensor("blk.1.ffn_gate_exps.weight");
  EXPECT_EQ(tensor->type, TensorType::kMXFP4);
  EXPECT_EQ(tensor->dims, (std::array<uint64_t, 4>{64, 32, 4, 1}));
  for (uint64_t row = 0; row < 4 * 32; ++row) {
    for (uint64_t k = 0; k < 64; ++k) {
      ASSERT_EQ(gate[row * 64 + k], Value(Experts(1) + "gate_up_proj", 2 * row, k)) << row << k;
      ASSERT_EQ(up[row * 64 + k], Value(Experts(1) + "gate_up_proj", 2 * row + 1, k));
    }
  }
  for (uint64_t i = 0; i < down.size(); ++i) {
    ASSERT_EQ(down[i], Value(Experts(1) + "down_proj", i / 32, i % 32));
  }
}

TEST_F(Mxfp4Test, IsQuantisedAnewOnlyForFloatsOrLess) {
  ASSERT_OK_AND_ASSIGN(const MadeFolder kept, MakeFolder(folder_, {.type = TensorType::kQ8_0}));
  EXPECT_EQ(kept.header.FindTensor("blk.1.ffn_gate_exps.weight")->type, TensorType::kMXFP4);
  EXPECT_EQ(kept.header.FindTensor("blk.1.attn_q.weight")->type, TensorType::kQ8_0);
  EXPECT_EQ(kept.header.FindTensor("blk.1.ffn_gate_exps.bias")->type, TensorType::kF32);
  ASSERT_OK_AND_ASSIGN(const MadeFolder floats, MakeFolder(folder_, {.type = TensorType::kF32}));
  EXPECT_EQ(floats.header.FindTensor("blk.1.ffn_gate_exps.weight")->type, TensorType::kF32);
  EXPECT_EQ(floats.Values("blk.1.ffn_up_exps.weight"), kept.Values("blk.1.ffn_up_exps.weight"));
}

TEST_F(Mxfp4Test, RefusesPartsThatDontFit) {
  const std::string name = Experts(0) + "down_proj";
  const auto refused = [&](auto&& change, Code code, std::string_view words) {
    TinyFolder folder = folder_;
    change(folder);
    EXPECT_ERROR(MakeFolder(folder), code, words);
  };
  refused([&](TinyFolder& f) { f.Drop(name + "_scales"); }, Code::kMalformed,
          "down_proj_scales' is missing");
  refused([&](TinyFolder& f) { f.Tensor(name + "_scales").shape = {4, 32, 2}; }, Code::kMalformed,
          "it should have a scale for each block");
  refused([&](TinyFolder& f) { f.Tensor(name + "_blocks").shape = {4, 32, 1, 32}; },
          Code::kMalformed, "in blocks of 16 bytes");
  refused([&](TinyFolder& f) { f.Tensor(name + "_blocks").shape = {256, 16}; }, Code::kMalformed,
          "U8 [256, 16]; it should be U8 of 4 dimensions");
  refused([&](TinyFolder& f) { f.Tensor(name + "_scales").dtype = "I8"; }, Code::kMalformed,
          "is I8");
  refused(
      [&](TinyFolder& f) {
        f.Drop(Experts(0) + "gate_up_proj_blocks");
        f.Drop(Experts(0) + "gate_up_proj_scales");
      },
      Code::kMalformed, "gate_up_proj' is missing");
}

struct Refusal {
  const char* name;
  const char* family;
  void (*change)(TinyFolder&);
  Code code;
  const char* words;
};
class FamilyRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(FamilyRefusalTest, IsNamed) {
  TinyFolder folder = FamilyFolder(GetParam().family).folder();
  GetParam().change(folder);
  EXPECT_ERROR(MakeFolder(folder), GetParam().code, GetParam().words);
}

const Refusal kRefusals[] = {
    {"PhiHeadNorms", "phi2", [](TinyFolder& f) { f.config["qk_layernorm"] = true; },
     Code::kUnsupported, "qk_layernorm is true; only false is supported"},
    {"StableSideBySide", "stablelm",
     [](TinyFolder& f) { f.config["use_parallel_residual"] = true; }, Code::kUnsupported,
     "use_parallel_residual is true"},
    {"QwenRenormalised", "qwen2moe", [](TinyFolder& f) { f.config["norm_topk_prob"] = true; },
     Code::kUnsupported, "norm_topk_prob is true"},
    {"QwenGateMatrix", "qwen2moe",
     [](TinyFolder& f) {
       f.Tensor("model.layers.0.mlp.shared_expert_gate.weight").shape = {2, 32};
     },
     Code::kMalformed, "has the shape [2, 32]; it should have up to"},
    {"GraniteUneven", "granitemoe",
     [](TinyFolder& f) {
       const std::string name = "model.layers.0.block_sparse_moe.input_linear.weight";
       f.Drop(name);
       f.Add(name, {4, 63, 64});
     },
     Code::kMalformed, "their number a multiple of 2"},
    {"GraniteFlat", "granitemoe",
     [](TinyFolder& f) {
       f.Tensor("model.layers.0.block_sparse_moe.input_linear.weight").shape = {16384};
     },
     Code::kMalformed, "has the shape [16384]; it should be a matrix or up to"},
    {"HybridLayer", "granitehybrid", [](TinyFolder& f) { f.config["layer_types"][2] = "mamba3"; },
     Code::kUnsupported, "layer_types has \"mamba3\" in it; mamba and attention are supported"},
    {"HybridLayers", "granitehybrid", [](TinyFolder& f) { f.config["layer_types"] = {"mamba"}; },
     Code::kMalformed, "layer_types has 1 entries; it should have one a layer, 4"},
    {"HybridHeads", "granitehybrid", [](TinyFolder& f) { f.config["mamba_n_heads"] = 7; },
     Code::kMalformed, "mamba_d_head is 16; it should be 18"},
    {"HybridNoHeads", "granitehybrid", [](TinyFolder& f) { f.config["mamba_n_heads"] = 0; },
     Code::kMalformed, "mamba_n_heads is 0; it should be from 1"},
    {"HybridGroups", "granitehybrid", [](TinyFolder& f) { f.config["mamba_n_groups"] = 3; },
     Code::kMalformed, "8 heads and 3 groups should divide them"},
    {"HybridHuge", "granitehybrid",
     [](TinyFolder& f) {
       f.config["mamba_d_state"] = 16777216;
       f.config["mamba_d_conv"] = 16777216;
     },
     Code::kMalformed, "conv1d.weight' has the shape [192, 1, 4]; it should have as many values"},
    {"HybridPositions", "granitehybrid",
     [](TinyFolder& f) { f.config["position_embedding_type"] = "alibi"; }, Code::kUnsupported,
     "position_embedding_type is \"alibi\"; rope and nope are supported"},
    {"HybridNorm", "granitehybrid",
     [](TinyFolder& f) { f.config["normalization_function"] = "layernorm"; }, Code::kUnsupported,
     "normalization_function is \"layernorm\""},
    {"HybridStepLimit", "granitehybrid",
     [](TinyFolder& f) { f.config["time_step_limit"] = {0.001, 0.1}; }, Code::kUnsupported,
     "time_step_limit is there"},
    {"ExaonePattern", "exaone4",
     [](TinyFolder& f) {
       f.config["sliding_window"] = 16;
       f.config["sliding_window_pattern"] = "LLLX";
     },
     Code::kUnsupported, "sliding_window_pattern is \"LLLX\""},
    {"ExaonePeriod", "exaone4",
     [](TinyFolder& f) {
       f.config["sliding_window"] = 16;
       f.config["sliding_window_pattern"] = 0;
     },
     Code::kMalformed, "sliding_window_pattern is 0"},
    {"FalconAlibi", "falcon", [](TinyFolder& f) { f.config["alibi"] = true; }, Code::kUnsupported,
     "alibi is true"},
    {"FalconGroups", "falcon",
     [](TinyFolder& f) {
       f.config["new_decoder_architecture"] = true;
       f.config["num_kv_heads"] = 3;
     },
     Code::kMalformed, "num_kv_heads is 3; it should divide the 4 heads"},
    {"FalconHeads", "falcon", [](TinyFolder& f) { f.config["num_attention_heads"] = 0; },
     Code::kMalformed, "num_attention_heads is 0"},
    {"FalconHeadsHuge", "falcon",
     [](TinyFolder& f) {
       f.config["num_attention_heads"] = 4294967295U;
       f.config["hidden_size"] = 4294967295U;
     },
     Code::kMalformed, "has the shape"},
    {"FalconRows", "falcon",
     [](TinyFolder& f) {
       const std::string name = "transformer.h.2.self_attention.query_key_value.weight";
       f.Drop(name);
       f.Add(name, {95, 64});
     },
     Code::kMalformed, "it should be a matrix with 16 rows from row 80 on"},
    {"Gpt2Activation", "gpt2", [](TinyFolder& f) { f.config["activation_function"] = "relu"; },
     Code::kUnsupported, "activation_function is \"relu\""},
    {"Gpt2Scale", "gpt2", [](TinyFolder& f) { f.config["scale_attn_by_inverse_layer_idx"] = true; },
     Code::kUnsupported, "scale_attn_by_inverse_layer_idx is true"},
    {"Gpt2Vector", "gpt2", [](TinyFolder& f) { f.Tensor("h.0.mlp.c_fc.weight").shape = {64 * 96}; },
     Code::kMalformed, "it should be a matrix"},
    {"OssLimit", "gpt-oss", [](TinyFolder& f) { f.config["swiglu_limit"] = 8; }, Code::kUnsupported,
     "swiglu_limit is 8; it should be 7"},
    {"OssLayers", "gpt-oss",
     [](TinyFolder& f) {
       f.config["layer_types"] = {"full_attention", "sliding_attention", "full_attention",
                                  "sliding_attention"};
     },
     Code::kUnsupported, "layer_types don't alternate"},
    {"OssBias", "gpt-oss",
     [](TinyFolder& f) {
       const std::string name = "model.layers.1.mlp.experts.gate_up_proj_bias";
       f.Drop(name);
       f.Add(name, {4, 63});
     },
     Code::kMalformed, "rows of a multiple of 2 values"},
    {"NomicExperts", "nomic-bert", [](TinyFolder& f) { f.config["moe_every_n_layers"] = 2; },
     Code::kUnsupported, "moe_every_n_layers is 2"},
    {"NomicShare", "nomic-bert", [](TinyFolder& f) { f.config["rotary_emb_fraction"] = 0.5; },
     Code::kUnsupported, "rotary_emb_fraction is 0.5"},
    {"NomicXpos", "nomic-bert", [](TinyFolder& f) { f.config["rotary_emb_scale_base"] = 512; },
     Code::kUnsupported, "rotary_emb_scale_base is set"},
};

INSTANTIATE_TEST_SUITE_P(All, FamilyRefusalTest, ::testing::ValuesIn(kRefusals),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Exaone4, SaysWhichLayersSlide) {
  for (const nlohmann::json& pattern : {nlohmann::json("LLLG"), nlohmann::json(4)}) {
    TinyFolder folder = FamilyFolder("exaone4").folder();
    folder.config["sliding_window"] = 16;
    folder.config["sliding_window_pattern"] = pattern;
    ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
    EXPECT_EQ(made.header.Unsigned("exaone4.attention.sliding_window").value(), 16U);
    ASSERT_OK_AND_ASSIGN(
        const auto* sliding,
        made.header.Array("exaone4.attention.sliding_window_pattern", GgufType::kBool));
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(GgufElement<uint8_t>(*sliding, i), i < 3 ? 1 : 0);
  }
}

TEST(GptOss, YarnsRampIsNotRoundedWhereTheConfigurationSaysSo) {
  TinyFolder folder = FamilyFolder("gpt-oss").folder();
  folder.config["rope_scaling"] = {{"rope_type", "yarn"},
                                   {"factor", 32.0},
                                   {"original_max_position_embeddings", 32},
                                   {"truncate", false}};
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.header.String("gpt-oss.rope.scaling.type").value(), "yarn");
  EXPECT_FALSE(made.header.Bool("gpt-oss.rope.scaling.yarn_truncate", true).value());
  folder.config["rope_scaling"]["truncate"] = true;
  ASSERT_OK_AND_ASSIGN(const MadeFolder rounded, MakeFolder(folder));
  EXPECT_EQ(rounded.header.Find("gpt-oss.rope.scaling.yarn_truncate"), nullptr);
}

// Granite 4's small models have the class of hybrids.
TinyFolder PlainHybrid() {
  TinyFolder folder;
  folder.config.update({{"architectures", {"GraniteMoeHybridForCausalLM"}},
                        {"layer_types", {"attention"}},
                        {"position_embedding_type", "rope"},
                        {"num_local_experts", 0},
                        {"intermediate_size", 7},
                        {"shared_intermediate_size", 48},
                        {"logits_scaling", 8}});
  for (const char* const name : {"gate", "up", "down"}) {
    folder.Drop(fmt::format("model.layers.0.mlp.{}_proj.weight", name));
  }
  folder.Add("model.layers.0.shared_mlp.input_linear.weight", {96, 32});
  folder.Add("model.layers.0.shared_mlp.output_linear.weight", {32, 48});
  return folder;
}

TEST(Granite, HybridsWithAttentionOnlyAreDense) {
  TinyFolder folder = PlainHybrid();
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.header.String("general.architecture").value(), "granite");
  EXPECT_EQ(made.header.Unsigned("granite.feed_forward_length").value(), 48U);
  EXPECT_EQ(made.header.Number("granite.logit_scale").value(), 8);
  const NamedTensor& both = folder.Tensor("model.layers.0.shared_mlp.input_linear.weight");
  std::vector<float> from(96 * 32);
  std::memcpy(from.data(), both.data.data(), both.data.size());
  const auto gate = made.Values("blk.0.ffn_gate.weight");
  const auto up = made.Values("blk.0.ffn_up.weight");
  EXPECT_TRUE(std::ranges::equal(gate, std::span(from).first(48 * 32)));
  EXPECT_TRUE(std::ranges::equal(up, std::span(from).subspan(48 * 32)));
}

TEST(Granite, DenseOnesOfTheHybridsClassSayThatTheirLayersAreSo) {
  TinyFolder folder = PlainHybrid();
  folder.config["position_embedding_type"] = "nope";
  EXPECT_ERROR(MakeFolder(folder), Code::kUnsupported, "position_embedding_type is \"nope\"");
  folder = PlainHybrid();
  folder.config.erase("layer_types");
  EXPECT_ERROR(MakeFolder(folder), Code::kMalformed, "layer_types has 0 entries");
}

TEST(GraniteHybrid, ItsDecaysAreMinusEToTheLogarithms) {
  TinyFolder folder = FamilyFolder("granitehybrid").folder();
  NamedTensor& logarithms = folder.Tensor("model.layers.0.mamba.A_log");
  logarithms.data = testing::FloatBytes({0, 1, -1, 2, -2, 0.5F, 3, -3});
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  const auto decays = made.Values("blk.0.ssm_a");
  const double expected[] = {-1,           -2.718281828, -0.367879441, -7.389056099,
                             -0.135335283, -1.648721271, -20.08553692, -0.049787068};
  ASSERT_EQ(decays.size(), 8U);
  for (size_t i = 0; i < 8; ++i) EXPECT_NEAR(decays[i] / expected[i], 1, 1e-6) << i;
  logarithms.data = testing::FloatBytes({0, 0, 0, 0, 0, 0, 0, 1000});
  EXPECT_ERROR(MakeFolder(folder), Code::kMalformed, "a value that is not finite");
}

TEST(GraniteHybrid, WhatIsSmallKeepsItsTypeWhenQuantised) {
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(FamilyFolder("granitehybrid").folder(),
                                                         {.type = TensorType::kQ8_0}));
  const auto type = [&](std::string_view name) { return made.header.FindTensor(name)->type; };
  EXPECT_EQ(type("blk.0.ssm_in.weight"), TensorType::kQ8_0);
  EXPECT_EQ(type("blk.0.ssm_out.weight"), TensorType::kQ8_0);
  for (const char* const part : {"ssm_norm.weight", "ssm_conv1d.weight", "ssm_a", "ssm_d"}) {
    EXPECT_EQ(type(fmt::format("blk.0.{}", part)), TensorType::kF32) << part;
  }
}

}  // namespace
}  // namespace ledge
