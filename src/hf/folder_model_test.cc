#include "hf/folder_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "testing/made_folder.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using nlohmann::json;
using testing::MadeFolder;
using testing::MakeFolder;
using testing::NamedTensor;
using testing::TinyFolder;

constexpr const char* kFolder = testing::kMadeFolder;

// All bytes of the GGUF file, read in pieces of `piece`.
Result<std::vector<std::byte>> BytesOf(const TinyFolder& folder, const FolderOptions& options = {},
                                       size_t piece = SIZE_MAX) {
  LEDGE_TRY(FolderModel model, testing::OpenFolder(folder, options));
  std::vector<std::byte> bytes(model.file_bytes());
  for (size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at)) {
    LEDGE_CHECK_OK(model.Read(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at))));
  }
  return bytes;
}

std::vector<float> FloatsOf(const NamedTensor& tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

TEST(FolderModel, IsAGgufFileOfTheSameWeights) {
  TinyFolder folder;
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.header.String("general.architecture").value(), "llama");
  EXPECT_EQ(made.header.String("general.name").value(), "tiny");
  EXPECT_EQ(made.header.Unsigned("llama.block_count").value(), 1U);
  EXPECT_EQ(made.header.Unsigned("llama.attention.head_count_kv").value(), 1U);
  EXPECT_EQ(made.header.tensors().size(), folder.tensors.size());
  EXPECT_EQ(made.Values("blk.0.ffn_down.weight"),
            FloatsOf(folder.Tensor("model.layers.0.mlp.down_proj.weight")));
  const GgufTensor* const down = made.header.FindTensor("blk.0.ffn_down.weight");
  EXPECT_EQ(down->dims[0], 48U);
  EXPECT_EQ(down->dims[1], 32U);
}

TEST(FolderModel, PutsRotatedPairsSideBySide) {
  TinyFolder folder;
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  const auto from = FloatsOf(folder.Tensor("model.layers.0.self_attn.k_proj.weight"));
  const auto to = made.Values("blk.0.attn_k.weight");
  for (size_t i = 0; i < 8; ++i) {
    for (size_t k = 0; k < 32; ++k) {
      EXPECT_EQ(to[2 * i * 32 + k], from[i * 32 + k]);
      EXPECT_EQ(to[(2 * i + 1) * 32 + k], from[(8 + i) * 32 + k]);
    }
  }
}

TEST(FolderModel, BiasesTurnWithTheirRows) {
  TinyFolder folder;
  folder.Add("model.layers.0.self_attn.q_proj.bias", {32});
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  const auto from = FloatsOf(folder.tensors.back());
  const auto to = made.Values("blk.0.attn_q.bias");
  ASSERT_EQ(to.size(), 32U);
  EXPECT_EQ(to[1], from[8]);
  EXPECT_EQ(to[16], from[16]);
  EXPECT_EQ(to[17], from[24]);
}

TEST(FolderModel, ReadInAnyPiecesItIsTheSame) {
  const TinyFolder folder;
  ASSERT_OK_AND_ASSIGN(const auto whole, BytesOf(folder));
  for (const size_t piece : {1, 7, 4096, 5000}) {
    ASSERT_OK_AND_ASSIGN(const auto pieces, BytesOf(folder, {}, piece));
    EXPECT_TRUE(pieces == whole) << piece;
  }
  ASSERT_OK_AND_ASSIGN(FolderModel model, testing::OpenFolder(folder));
  std::vector<std::byte> more(whole.size() + 64);
  EXPECT_ERROR(model.Read(more), Code::kMalformed, "ends at byte");
}

TEST(FolderModel, HalvesStayHalves) {
  TinyFolder folder;
  NamedTensor& tensor = folder.Tensor("model.layers.0.self_attn.v_proj.weight");
  tensor.dtype = "BF16";
  tensor.data = std::string(16 * 32 * 2, '\x3f');
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.header.FindTensor("blk.0.attn_v.weight")->type, TensorType::kBF16);
  EXPECT_EQ(made.header.FindTensor("blk.0.attn_k.weight")->type, TensorType::kF32);
}

TEST(FolderModel, QuantisesOnTheWay) {
  TinyFolder folder;
  ASSERT_OK_AND_ASSIGN(const MadeFolder plain, MakeFolder(folder));
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder, {.type = TensorType::kQ4_0}));
  const auto type = [&](std::string_view name) { return made.header.FindTensor(name)->type; };
  EXPECT_EQ(type("blk.0.attn_q.weight"), TensorType::kQ4_0);
  EXPECT_EQ(type("blk.0.ffn_down.weight"), TensorType::kF32) << "48 values are no whole blocks";
  EXPECT_EQ(type("blk.0.attn_norm.weight"), TensorType::kF32);
  EXPECT_EQ(type("token_embd.weight"), TensorType::kQ8_0) << "the output, too narrow for Q6_K";
  const auto exact = plain.Values("blk.0.attn_q.weight");
  const auto near = made.Values("blk.0.attn_q.weight");
  for (size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(near[i], exact[i], 0.15);
}

TEST(FolderModel, MakesLlama3sFrequencies) {
  TinyFolder folder;
  folder.config["rope_scaling"] = {{"rope_type", "llama3"},
                                   {"factor", 8.0},
                                   {"low_freq_factor", 1.0},
                                   {"high_freq_factor", 4.0},
                                   {"original_max_position_embeddings", 32}};
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  const auto divisors = made.Values("rope_freqs.weight");
  ASSERT_EQ(divisors.size(), 8U);
  EXPECT_EQ(divisors[0], 1) << "turns within 8 tokens";
  EXPECT_EQ(divisors[7], 8) << "turns in more than 32 tokens";
  for (size_t i = 1; i < 8; ++i) EXPECT_GE(divisors[i], divisors[i - 1]);
}

TEST(FolderModel, TokensThatEndATextTakeTheRolesThatAreFree) {
  TinyFolder folder;
  folder.files["generation_config.json"] = R"({"eos_token_id":[5,3]})";
  folder.config["eos_token_id"] = 2;
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.header.Unsigned("tokenizer.ggml.eos_token_id").value(), 5U);
  EXPECT_EQ(made.header.Unsigned("tokenizer.ggml.eot_token_id").value(), 3U);
  folder.files["generation_config.json"] = R"({"eos_token_id":8})";
  EXPECT_ERROR(
      MakeFolder(folder), Code::kMalformed,
      "generation_config.json: eos_token_id is 8; it should be below the number of tokens");
}

TEST(FolderModel, RowsWithoutATokenAreUnused) {
  TinyFolder folder;
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  ASSERT_OK_AND_ASSIGN(const auto* tokens,
                       made.header.Array("tokenizer.ggml.tokens", GgufType::kString));
  EXPECT_EQ(tokens->count, 8U);
  ASSERT_OK_AND_ASSIGN(const auto* types,
                       made.header.Array("tokenizer.ggml.token_type", GgufType::kI32));
  EXPECT_EQ(GgufElement<int32_t>(*types, 7), 5);
}

TEST(FolderModel, TakesTheTemplateFromItsOwnFileFirst) {
  TinyFolder folder;
  folder.tokenizer_config["chat_template"] = "old";
  ASSERT_OK_AND_ASSIGN(const MadeFolder old, MakeFolder(folder));
  EXPECT_EQ(old.header.String("tokenizer.chat_template").value(), "old");
  folder.files["chat_template.jinja"] = "new";
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.header.String("tokenizer.chat_template").value(), "new");
}

TEST(FolderModel, ASecondCopyOfATiedOutputIsLeftOut) {
  TinyFolder folder;
  folder.Add("lm_head.weight", {8, 32});
  ASSERT_OK_AND_ASSIGN(const MadeFolder tied, MakeFolder(folder));
  EXPECT_EQ(tied.header.FindTensor("output.weight"), nullptr);
  folder.config["tie_word_embeddings"] = false;
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_NE(made.header.FindTensor("output.weight"), nullptr);
}

TEST(FolderModel, ATiedEmbeddingMayStandUnderTheOutputsName) {
  TinyFolder folder;
  const auto values = FloatsOf(folder.Tensor("model.embed_tokens.weight"));
  folder.Tensor("model.embed_tokens.weight").name = "lm_head.weight";
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.Values("token_embd.weight"), values);
  EXPECT_EQ(made.header.FindTensor("output.weight"), nullptr);
  folder.config["tie_word_embeddings"] = false;
  EXPECT_ERROR(MakeFolder(folder), Code::kMalformed, "model.embed_tokens.weight");
}

TEST(FolderModel, GemmasNormsAreWhatIsAddedToOne) {
  TinyFolder folder;
  folder.config["architectures"] = {"GemmaForCausalLM"};
  folder.config["hidden_activation"] = "gelu_pytorch_tanh";
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.header.String("general.architecture").value(), "gemma");
  const auto from = FloatsOf(folder.Tensor("model.layers.0.input_layernorm.weight"));
  const auto to = made.Values("blk.0.attn_norm.weight");
  ASSERT_EQ(to.size(), from.size());
  for (size_t i = 0; i < from.size(); ++i) EXPECT_EQ(to[i], from[i] + 1);
  EXPECT_EQ(made.Values("blk.0.attn_q.weight"),
            FloatsOf(folder.Tensor("model.layers.0.self_attn.q_proj.weight")))
      << "pairs are half a head apart, as they were";
}

TEST(FolderModel, Olmo3SaysWhichLayersSlide) {
  TinyFolder folder;
  folder.Drop("model.layers.0.input_layernorm.weight");
  folder.Add("model.layers.0.post_feedforward_layernorm.weight", {32});
  folder.Add("model.layers.0.self_attn.q_norm.weight", {32});
  folder.Add("model.layers.0.self_attn.k_norm.weight", {16});
  folder.config["architectures"] = {"Olmo3ForCausalLM"};
  folder.config["sliding_window"] = 16;
  folder.config["layer_types"] = {"full_attention"};
  ASSERT_OK_AND_ASSIGN(const MadeFolder made, MakeFolder(folder));
  EXPECT_EQ(made.header.Unsigned("olmo2.attention.sliding_window").value(), 16U);
  ASSERT_OK_AND_ASSIGN(
      const auto* sliding,
      made.header.Array("olmo2.attention.sliding_window_pattern", GgufType::kBool));
  EXPECT_EQ(sliding->count, 1U);
  folder.config["layer_types"] = {"full_attention", "full_attention"};
  EXPECT_ERROR(MakeFolder(folder), Code::kMalformed, "layer_types has 2 entries");
  folder.config["layer_types"] = {"linear_attention"};
  EXPECT_ERROR(MakeFolder(folder), Code::kUnsupported,
               "layer_types has \"linear_attention\" in it");
}

TEST(FolderModel, ExpertsComeOneByOneOrAllInOne) {
  TinyFolder apart;
  for (const char* name : {"gate", "up", "down"}) {
    apart.Drop(fmt::format("model.layers.0.mlp.{}_proj.weight", name));
  }
  TinyFolder together = apart;
  apart.config["architectures"] = {"Qwen3MoeForCausalLM"};
  apart.config.update({{"num_experts", 2},
                       {"num_experts_per_tok", 1},
                       {"norm_topk_prob", true},
                       {"moe_intermediate_size", 16}});
  together.config = apart.config;
  std::string gate_up, down;
  for (TinyFolder* folder : {&apart, &together}) {
    folder->Add("model.layers.0.mlp.gate.weight", {2, 32});
    folder->Add("model.layers.0.self_attn.q_norm.weight", {16});
    folder->Add("model.layers.0.self_attn.k_norm.weight", {16});
  }
  for (int i = 0; i < 2; ++i) {
    const std::string expert = fmt::format("model.layers.0.mlp.experts.{}.", i);
    apart.Add(expert + "gate_proj.weight", {16, 32});
    gate_up += apart.tensors.back().data;
    apart.Add(expert + "up_proj.weight", {16, 32});
    gate_up += apart.tensors.back().data;
    apart.Add(expert + "down_proj.weight", {32, 16});
    down += apart.tensors.back().data;
  }
  together.tensors.push_back(
      {"model.layers.0.mlp.experts.gate_up_proj", "F32", {2, 32, 32}, gate_up});
  together.tensors.push_back({"model.layers.0.mlp.experts.down_proj", "F32", {2, 32, 16}, down});
  ASSERT_OK_AND_ASSIGN(const MadeFolder first, MakeFolder(apart));
  ASSERT_OK_AND_ASSIGN(const MadeFolder second, MakeFolder(together));
  for (const char* name : {"gate", "up", "down"}) {
    const std::string tensor = fmt::format("blk.0.ffn_{}_exps.weight", name);
    EXPECT_EQ(first.Values(tensor).size(), 2U * 16 * 32);
    EXPECT_EQ(first.Values(tensor), second.Values(tensor)) << name;
  }
  apart.config["num_experts"] = 4000000000U;
  EXPECT_ERROR(MakeFolder(apart), Code::kMalformed, "4000000000 experts are asked for");
}

struct WrongFolder {
  const char* name;
  void (*change)(TinyFolder&);
  Code code;
  const char* words;
};

class WrongFolderTest : public ::testing::TestWithParam<WrongFolder> {};

TEST_P(WrongFolderTest, IsRefusedSayingWhy) {
  TinyFolder folder;
  GetParam().change(folder);
  const auto made = MakeFolder(folder);
  ASSERT_FALSE(made.ok());
  EXPECT_ERROR(made, GetParam().code, GetParam().words);
  EXPECT_NE(made.error().message.find(kFolder), std::string::npos) << made.error().message;
  EXPECT_EQ(made.error().message, PrintableLine(made.error().message));
}

const WrongFolder kWrongFolders[] = {
    {"NoConfig", [](TinyFolder& f) { f.files["config.json"] = ""; }, Code::kMalformed,
     "has no config.json"},
    {"NoTokenizer", [](TinyFolder& f) { f.files["tokenizer.json"] = ""; }, Code::kMalformed,
     "has no tokenizer.json"},
    {"ConfigNoJson", [](TinyFolder& f) { f.files["config.json"] = "{"; }, Code::kMalformed,
     "config.json: is not a JSON object"},
    {"NoArchitecture", [](TinyFolder& f) { f.config.erase("architectures"); }, Code::kMalformed,
     "config.json: architectures is missing"},
    {"UnknownArchitecture",
     [](TinyFolder& f) { f.config["architectures"] = {"Mamba7ForCausalLM"}; }, Code::kUnsupported,
     "architectures is \"Mamba7ForCausalLM\"; folders of"},
    {"ArchitectureNumber", [](TinyFolder& f) { f.config["architectures"] = 7; }, Code::kMalformed,
     "architectures has 7 in it"},
    {"NoLayers", [](TinyFolder& f) { f.config.erase("num_hidden_layers"); }, Code::kMalformed,
     "config.json: num_hidden_layers is missing; it should be a whole number"},
    {"LayersNegative", [](TinyFolder& f) { f.config["num_hidden_layers"] = -1; }, Code::kMalformed,
     "num_hidden_layers is -1"},
    {"LayersHuge", [](TinyFolder& f) { f.config["num_hidden_layers"] = 4000000000U; },
     Code::kMalformed,
     "tensor 'model.layers.1.input_layernorm.weight' is missing; config.json asks for it, [32] "
     "like "
     "'model.layers.0.input_layernorm.weight'"},
    {"LayersFew", [](TinyFolder& f) { f.config["num_hidden_layers"] = 0; }, Code::kUnsupported,
     "tensor 'model.layers.0.input_layernorm.weight' has no place in the architecture llama"},
    {"HeadsZero", [](TinyFolder& f) { f.config["num_attention_heads"] = 0; }, Code::kMalformed,
     "num_attention_heads is 0"},
    {"HeadsUneven", [](TinyFolder& f) { f.config["head_dim"] = 12; }, Code::kMalformed,
     "it should have rows of whole heads of 12"},
    {"HeadOdd", [](TinyFolder& f) { f.config["head_dim"] = 1; }, Code::kMalformed,
     "an even number"},
    {"Activation", [](TinyFolder& f) { f.config["hidden_act"] = "relu2"; }, Code::kUnsupported,
     "hidden_act is \"relu2\"; it should be \"silu\""},
    {"EpsilonText", [](TinyFolder& f) { f.config["rms_norm_eps"] = "1e-5"; }, Code::kMalformed,
     "rms_norm_eps is \"1e-5\"; it should be a number"},
    {"ThetaZero", [](TinyFolder& f) { f.config["rope_theta"] = 0; }, Code::kMalformed,
     "rope_theta is 0; it should be above 0"},
    {"RopeKind",
     [](TinyFolder& f) { f.config["rope_scaling"] = {{"rope_type", "spiral"}, {"factor", 2}}; },
     Code::kUnsupported, "rope_scaling.rope_type is \"spiral\"; default, linear"},
    {"RopeFactor",
     [](TinyFolder& f) { f.config["rope_scaling"] = {{"type", "linear"}, {"factor", -2}}; },
     Code::kMalformed, "rope_scaling.factor is -2"},
    {"RopeSections",
     [](TinyFolder& f) {
       f.config["rope_scaling"] = {{"type", "default"}, {"mrope_section", {2, 3, 3}}};
     },
     Code::kUnsupported, "rope_scaling.mrope_section is there; only the rotation of texts"},
    {"NotCausal", [](TinyFolder& f) { f.config["is_causal"] = false; }, Code::kUnsupported,
     "is_causal is false; only true is supported"},
    {"RopeNoFactor", [](TinyFolder& f) { f.config["rope_scaling"] = {{"rope_type", "linear"}}; },
     Code::kMalformed, "rope_scaling.factor is missing; it should be a number"},
    {"YarnNoFactor", [](TinyFolder& f) { f.config["rope_scaling"] = {{"rope_type", "yarn"}}; },
     Code::kMalformed, "rope_scaling.factor is missing; it should be a number"},
    {"Llama3NoBounds",
     [](TinyFolder& f) { f.config["rope_scaling"] = {{"rope_type", "llama3"}, {"factor", 8.0}}; },
     Code::kMalformed, "rope_scaling.low_freq_factor is missing; it should be a number"},
    {"RopeList", [](TinyFolder& f) { f.config["rope_scaling"] = {1, 2}; }, Code::kMalformed,
     "rope_scaling is [1,2]; it should be an object"},
    {"LongRopeShort",
     [](TinyFolder& f) {
       f.config["rope_scaling"] = {
           {"type", "longrope"}, {"long_factor", {1}}, {"short_factor", {1}}};
     },
     Code::kMalformed, "long_factor has 1 numbers; it should have 8"},
    {"Llama3Bounds",
     [](TinyFolder& f) {
       f.config["rope_scaling"] = {{"rope_type", "llama3"},
                                   {"factor", 8.0},
                                   {"low_freq_factor", 4.0},
                                   {"high_freq_factor", 4.0},
                                   {"original_max_position_embeddings", 8192}};
     },
     Code::kMalformed, "high_freq_factor is 4; it should be above"},
    {"Partial", [](TinyFolder& f) { f.config["partial_rotary_factor"] = 1.5; }, Code::kMalformed,
     "partial_rotary_factor is 1.5"},
    {"TensorMissing", [](TinyFolder& f) { f.Drop("model.norm.weight"); }, Code::kMalformed,
     "tensor 'model.norm.weight' is missing"},
    {"OutputPromised", [](TinyFolder& f) { f.config["tie_word_embeddings"] = false; },
     Code::kMalformed, "tensor 'lm_head.weight' is missing"},
    {"BiasesPromised", [](TinyFolder& f) { f.config["attention_bias"] = true; }, Code::kMalformed,
     "tensor 'model.layers.0.self_attn.q_proj.bias' is missing"},
    {"BiasesOfAllQwen2", [](TinyFolder& f) { f.config["architectures"] = {"Qwen2ForCausalLM"}; },
     Code::kMalformed, "tensor 'model.layers.0.self_attn.q_proj.bias' is missing"},
    {"RowsNotTheVocabulary", [](TinyFolder& f) { f.config["vocab_size"] = 9; }, Code::kMalformed,
     "tensor 'model.embed_tokens.weight' is [8, 32]; it should be [9, 32], since vocab_size is 9"},
    {"Quantised", [](TinyFolder& f) { f.config["quantization_config"]["quant_method"] = "awq"; },
     Code::kUnsupported, "quantization_config.quant_method is \"awq\"; folders with weights in"},
    {"TemplateNumber", [](TinyFolder& f) { f.tokenizer_config["chat_template"] = 5; },
     Code::kMalformed, "tokenizer_config.json: chat_template must be a text or"},
    {"TensorUnknown", [](TinyFolder& f) { f.Add("model.vision.weight", {4}); }, Code::kUnsupported,
     "tensor 'model.vision.weight' has no place"},
    {"TensorOfInts",
     [](TinyFolder& f) {
       NamedTensor& t = f.Tensor("model.norm.weight");
       t = {t.name, "I32", {32}, std::string(128, '\0')};
     },
     Code::kUnsupported, "is of type I32; F32, F16 and BF16 can be read"},
    {"TensorScalar",
     [](TinyFolder& f) {
       NamedTensor& t = f.Tensor("model.norm.weight");
       t = {t.name, "F32", {}, std::string(4, '\0')};
     },
     Code::kMalformed, "has the shape []"},
    {"TensorOfFiveDims",
     [](TinyFolder& f) { f.Tensor("model.norm.weight").shape = {1, 1, 1, 1, 32}; },
     Code::kMalformed, "it should have 1 to 4 dimensions"},
    {"TokenizerBroken", [](TinyFolder& f) { f.files["tokenizer.json"] = "[]"; }, Code::kMalformed,
     "tokenizer.json: is not a JSON object"},
    {"TokenizerKind", [](TinyFolder& f) { f.tokenizer["model"]["type"] = "WordLevel"; },
     Code::kUnsupported, "model.type is \"WordLevel\""},
    {"PoolingMode", [](TinyFolder& f) { f.files["1_Pooling/config.json"] = "{}"; },
     Code::kUnsupported, "1_Pooling/config.json: pooling_mode is none of"},
    {"WeightsBroken", [](TinyFolder& f) { f.files["model.safetensors"] = "GGUF"; },
     Code::kMalformed, "model.safetensors: the header's length"},
};

INSTANTIATE_TEST_SUITE_P(Catalogue, WrongFolderTest, ::testing::ValuesIn(kWrongFolders),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(FolderModel, AValueThatIsNoNumberIsFoundWhileQuantising) {
  TinyFolder folder;
  NamedTensor& tensor = folder.Tensor("model.layers.0.mlp.up_proj.weight");
  std::vector<float> values = FloatsOf(tensor);
  values[40] = std::numeric_limits<float>::quiet_NaN();
  tensor.data = testing::FloatBytes(values);
  EXPECT_ERROR(BytesOf(folder, {.type = TensorType::kQ8_0}), Code::kMalformed,
               "tensor 'model.layers.0.mlp.up_proj.weight' holds a value that is not finite");
}

TEST(FolderStamp, ChangesWithAnyFileAndTheType) {
  fault::FaultOs os;
  TinyFolder folder;
  folder.Put(os, kFolder);
  const auto first = FolderStamp(os, kFolder, {});
  ASSERT_TRUE(first);
  EXPECT_EQ(FolderStamp(os, kFolder, {}), first);
  EXPECT_NE(FolderStamp(os, kFolder, {.type = TensorType::kQ8_0}), first);
  for (const auto& [name, contents] : folder.Files()) {
    os.Put(JoinPath(kFolder, name), contents + " ");
    EXPECT_NE(FolderStamp(os, kFolder, {}), first) << name;
    const auto now = FolderStamp(os, kFolder, {});
    os.Put(JoinPath(kFolder, "generation_config.json"), "{}" + name);
    EXPECT_NE(FolderStamp(os, kFolder, {}), now);
  }
  EXPECT_FALSE(FolderStamp(os, JoinPath(kFolder, "config.json"), {}));
  EXPECT_FALSE(FolderStamp(os, "/nothing", {}));
}

}  // namespace
}  // namespace ledge
