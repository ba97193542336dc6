#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/model.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::LlamaSource;
using testing::LlamaSourceShape;

Result<std::shared_ptr<const Model>> Load(const LlamaSource& source) {
  LEDGE_TRY(auto packed, testing::PackAndOpen(source.Build()));
  return Model::Load(std::move(packed));
}

void ExpectRefused(const LlamaSource& source, Code code, std::string_view words) {
  EXPECT_ERROR(Load(source), code, words);
  // The same without weights.
  const auto bytes = source.Build();
  ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(bytes, bytes.size(), "source"));
  EXPECT_ERROR(Model::Describe(header), code, words);
}

TEST(Llama, ReadsTheShape) {
  ASSERT_OK_AND_ASSIGN(const auto model, Load(LlamaSource()));
  const ModelSpec& spec = model->spec();
  EXPECT_EQ(spec.architecture, "llama");
  EXPECT_EQ(spec.name, "Tiny");
  EXPECT_EQ(spec.vocabulary, 40U);
  EXPECT_EQ(spec.width, 32U);
  EXPECT_EQ(spec.trained_context, 128U);
  EXPECT_FLOAT_EQ(spec.norm_epsilon, 1e-5F);
  EXPECT_TRUE(spec.rope_paired);
  EXPECT_EQ(spec.ropes[0].table.dims(), 8U);
  ASSERT_EQ(spec.layers.size(), 2U);
  const LayerSpec& layer = spec.layers[1];
  EXPECT_EQ(layer.attention.heads, 4U);
  EXPECT_EQ(layer.attention.kv_heads, 2U);
  EXPECT_EQ(layer.attention.key_dim, 8U);
  EXPECT_EQ(layer.attention.value_dim, 8U);
  EXPECT_FLOAT_EQ(layer.attention.scale, 1 / std::sqrt(8.0F));
  EXPECT_EQ(layer.attention.window, 0U);
  EXPECT_EQ(layer.feed_forward, 72U);
  EXPECT_EQ(layer.down.rows, 32U);
  EXPECT_EQ(layer.down.cols, 72U);
  EXPECT_NE(layer.down.data, nullptr);
  EXPECT_FALSE(layer.query_bias);
  EXPECT_NE(spec.output.data, spec.token_embedding.data);
}

TEST(Llama, TiesTheOutputWhereItHasNone) {
  ASSERT_OK_AND_ASSIGN(const auto model, Load(LlamaSource().DropTensor("output.weight")));
  EXPECT_EQ(model->spec().output.data, model->spec().token_embedding.data);
  EXPECT_EQ(model->spec().output.rows, 40U);
}

TEST(Llama, TakesBiases) {
  LlamaSource source;
  source.Floats("blk.0.attn_q.bias", {32}).Floats("blk.0.attn_k.bias", {16});
  source.Floats("blk.0.attn_v.bias", {16}).Floats("blk.0.attn_output.bias", {32});
  ASSERT_OK_AND_ASSIGN(const auto model, Load(source));
  const LayerSpec& layer = model->spec().layers[0];
  EXPECT_EQ(layer.query_bias.size, 32U);
  EXPECT_EQ(layer.key_bias.size, 16U);
  EXPECT_EQ(layer.value_bias.size, 16U);
  EXPECT_EQ(layer.attention_output_bias.size, 32U);
  EXPECT_FALSE(model->spec().layers[1].query_bias);
}

TEST(Llama, KvHeadsDefaultToHeads) {
  LlamaSourceShape shape;
  shape.kv_heads = 4;
  ASSERT_OK_AND_ASSIGN(const auto model,
                       Load(LlamaSource(shape).DropKey("llama.attention.head_count_kv")));
  EXPECT_EQ(model->spec().layers[0].attention.kv_heads, 4U);
}

TEST(Llama, HeadsMayBeLongerThanWidthByHeads) {
  LlamaSourceShape shape;
  shape.head_dim = 12;
  LlamaSource source(shape);
  source.Number<uint32_t>("llama.attention.key_length", 12)
      .Number<uint32_t>("llama.attention.value_length", 12);
  ASSERT_OK_AND_ASSIGN(const auto model, Load(source));
  EXPECT_EQ(model->spec().layers[0].query.rows, 48U);
  EXPECT_EQ(model->spec().layers[0].attention_output.cols, 48U);
}

TEST(Llama, KeepsASlidingWindowThatIsStated) {
  LlamaSource source;
  source.Number<uint32_t>("llama.attention.sliding_window", 50);
  ASSERT_OK_AND_ASSIGN(const auto model, Load(source));
  EXPECT_EQ(model->spec().layers[0].attention.window, 50U);
  source.Number<uint32_t>("llama.attention.sliding_window", 128);
  ASSERT_OK_AND_ASSIGN(const auto whole, Load(source));
  EXPECT_EQ(whole->spec().layers[0].attention.window, 0U);
}

TEST(Llama, RefusesNoHeads) {
  ExpectRefused(LlamaSource().Number<uint32_t>("llama.attention.head_count", 0), Code::kMalformed,
                "llama.attention.head_count' is 0; it should be from 1 to 1024");
  ExpectRefused(LlamaSource().DropKey("llama.attention.head_count"), Code::kMalformed,
                "head_count' is missing");
}

TEST(Llama, RefusesHeadsBeyondTheLimit) {
  ExpectRefused(LlamaSource().Number<uint32_t>("llama.attention.head_count", kMaxHeads + 1),
                Code::kMalformed, "head_count' is 1025");
}

TEST(Llama, RefusesHeadsThatDoNotDivideTheWidth) {
  ExpectRefused(LlamaSource()
                    .Number<uint32_t>("llama.attention.head_count", 5)
                    .DropKey("llama.attention.head_count_kv"),
                Code::kMalformed, "head_count' is 5; it should divide embedding_length 32");
}

TEST(Llama, RefusesHeadCountsByLayer) {
  ExpectRefused(LlamaSource().Numbers<uint32_t>("llama.attention.head_count", {4, 2}),
                Code::kUnsupported, "is an array of 2");
  ExpectRefused(LlamaSource().Numbers<uint32_t>("llama.feed_forward_length", {72, 80}),
                Code::kUnsupported, "is an array of 2");
}

TEST(Llama, RefusesKvHeadsThatDoNotDivide) {
  ExpectRefused(LlamaSource().Number<uint32_t>("llama.attention.head_count_kv", 3),
                Code::kMalformed, "head_count_kv' is 3; it should divide the 4 heads");
  ExpectRefused(LlamaSource().Number<uint32_t>("llama.attention.head_count_kv", 0),
                Code::kMalformed, "head_count_kv' is 0");
  ExpectRefused(LlamaSource().Number<uint32_t>("llama.attention.head_count_kv", 8),
                Code::kMalformed, "head_count_kv' is 8");
}

TEST(Llama, RefusesLayersBeyondTheLimit) {
  for (const uint32_t layers : {uint32_t{0}, kMaxLayers + 1, UINT32_MAX}) {
    ExpectRefused(LlamaSource().Number<uint32_t>("llama.block_count", layers), Code::kMalformed,
                  "block_count");
  }
  ExpectRefused(LlamaSource().Number<uint64_t>("llama.block_count", uint64_t{1} << 40),
                Code::kMalformed, "block_count");
  ExpectRefused(LlamaSource().Number<int32_t>("llama.block_count", -1), Code::kMalformed,
                "block_count");
}

TEST(Llama, RefusesALayerThatIsNotThere) {
  ExpectRefused(LlamaSource().Number<uint32_t>("llama.block_count", 3), Code::kMalformed,
                "'blk.2.attn_norm.weight' is missing; it should be 32");
}

TEST(Llama, RefusesALayerTooMany) {
  ExpectRefused(LlamaSource().Number<uint32_t>("llama.block_count", 1), Code::kUnsupported,
                "'blk.1.");
}

TEST(Llama, RefusesExpertsWithoutTheirCount) {
  ExpectRefused(LlamaSource().Number<uint32_t>("llama.expert_count", 8), Code::kMalformed,
                "llama.expert_used_count");
  EXPECT_OK(Load(LlamaSource().Number<uint32_t>("llama.expert_count", 0)));
}

TEST(Llama, RefusesRopeBasesThatAreNotPositiveAndFinite) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float base : {0.0F, -1.0F, infinity, std::nanf("")}) {
    ExpectRefused(LlamaSource().Number<float>("llama.rope.freq_base", base), Code::kMalformed,
                  "llama.rope.freq_base");
  }
  ExpectRefused(LlamaSource().Number<double>("llama.rope.freq_base", 1e300), Code::kMalformed,
                "positive and finite");
}

TEST(Llama, RefusesEpsilonsThatAreNotPositiveAndFinite) {
  constexpr char kKey[] = "llama.attention.layer_norm_rms_epsilon";
  for (const float epsilon :
       {0.0F, -1e-5F, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    ExpectRefused(LlamaSource().Number<float>(kKey, epsilon), Code::kMalformed, kKey);
  }
  ExpectRefused(LlamaSource().Number<double>(kKey, 1e-300), Code::kMalformed, kKey);
  ExpectRefused(LlamaSource().DropKey(kKey), Code::kMalformed, "is missing");
}

TEST(Llama, RefusesContextsThatMakeNoSense) {
  for (const uint32_t context : {uint32_t{0}, kMaxContext + 1, UINT32_MAX}) {
    ExpectRefused(LlamaSource().Number<uint32_t>("llama.context_length", context), Code::kMalformed,
                  "llama.context_length");
  }
}

TEST(Llama, RefusesWidthsBeyondTheLimits) {
  for (const char* const key : {"llama.embedding_length", "llama.feed_forward_length"}) {
    for (const uint32_t width : {uint32_t{0}, kMaxWidth + 1, UINT32_MAX}) {
      ExpectRefused(LlamaSource().Number<uint32_t>(key, width), Code::kMalformed, key);
    }
  }
}

TEST(Llama, RefusesHeadLengthsBeyondTheLimits) {
  for (const char* const key : {"llama.attention.key_length", "llama.attention.value_length"}) {
    for (const uint32_t length : {uint32_t{0}, kMaxHeadDim + 1, UINT32_MAX}) {
      ExpectRefused(LlamaSource().Number<uint32_t>(key, length), Code::kMalformed, key);
    }
  }
  LlamaSource many;
  many.Number<uint32_t>("llama.attention.head_count", 1024)
      .Number<uint32_t>("llama.attention.key_length", 512);
  ExpectRefused(many, Code::kMalformed, "should be at most 262144");
}

TEST(Llama, RefusesRotatedDimensionsThatAreOddOrTooMany) {
  for (const uint32_t dims : {0U, 1U, 3U, 9U, 10U, UINT32_MAX}) {
    ExpectRefused(LlamaSource().Number<uint32_t>("llama.rope.dimension_count", dims),
                  Code::kMalformed, "llama.rope.dimension_count");
  }
  ASSERT_OK_AND_ASSIGN(const auto model,
                       Load(LlamaSource().Number<uint32_t>("llama.rope.dimension_count", 4)));
  EXPECT_EQ(model->spec().ropes[0].table.dims(), 4U);
}

TEST(Llama, RefusesVocabulariesThatDisagree) {
  ExpectRefused(LlamaSource().Number<uint32_t>("llama.vocab_size", 41), Code::kMalformed,
                "vocab_size' is 41; it should be 40");
  ExpectRefused(LlamaSource().DropVocabulary().Texts("tokenizer.ggml.tokens", {"a", "b"}),
                Code::kMalformed, "has 2 tokens; it should have 40");
  EXPECT_OK(Load(LlamaSource().Number<uint32_t>("llama.vocab_size", 40)));
  EXPECT_OK(Load(LlamaSource().DropVocabulary()));
}

TEST(Llama, RefusesTensorsOfOtherShapes) {
  ExpectRefused(LlamaSource().Floats("blk.0.ffn_up.weight", {32, 71}), Code::kMalformed,
                "'blk.0.ffn_up.weight' is 32 x 71; it should be 32 x 72");
  ExpectRefused(LlamaSource().Floats("output.weight", {32, 41}), Code::kMalformed,
                "it should be 32 x 40");
  ExpectRefused(LlamaSource().Floats("output_norm.weight", {31}), Code::kMalformed,
                "is 31; it should be 32");
  ExpectRefused(LlamaSource().Floats("blk.1.attn_k.weight", {32, 16, 2}), Code::kMalformed,
                "is 32 x 16 x 2");
  ExpectRefused(LlamaSource().Floats("token_embd.weight", {1280}), Code::kMalformed,
                "should have 2 dimensions");
}

TEST(Llama, RefusesMissingTensors) {
  for (const char* const name : {"token_embd.weight", "output_norm.weight", "blk.0.attn_q.weight",
                                 "blk.1.ffn_norm.weight"}) {
    ExpectRefused(LlamaSource().DropTensor(name), Code::kMalformed, name);
  }
}

TEST(Llama, RefusesTensorsItWouldLeaveOut) {
  ExpectRefused(LlamaSource().Floats("blk.0.attn_q_norm.weight", {8}), Code::kUnsupported,
                "blk.0.attn_q_norm.weight");
  EXPECT_OK(Load(LlamaSource().Floats("blk.0.attn_rot_embd.weight", {4})));
}

TEST(Llama, RefusesTypesWithoutKernels) {
  LlamaSourceShape shape;
  shape.width = 256;
  shape.head_dim = 64;
  LlamaSource source(shape);
  source.Tensor("blk.0.ffn_gate.weight", TensorType::kI8, {256, 72}, std::string(256 * 72, '\0'));
  ExpectRefused(source, Code::kUnsupported,
                "is of type I8, which this build can't compute with; it can with F32");
}

TEST(Llama, ConvertsHalfPrecisionVectors) {
  std::string halves;
  for (int i = 0; i < 32; ++i) halves += std::string("\x00\x3c", 2);  // 1.0
  ASSERT_OK_AND_ASSIGN(
      const auto model,
      Load(LlamaSource().Tensor("output_norm.weight", TensorType::kF16, {32}, halves)));
  EXPECT_EQ(model->spec().output_norm.weight.data[31], 1.0F);
  EXPECT_EQ(model->converted_bytes(), 32 * sizeof(float));
}

// A packed file is read as hostile too: what the packer refused may have been changed since.
TEST(Llama, RefusesVectorsThatAreNotFinite) {
  ASSERT_OK_AND_ASSIGN(auto bytes, testing::PackedFileOf(LlamaSource().Build()));
  ASSERT_OK_AND_ASSIGN(const auto clean, testing::OpenPacked(bytes));
  const auto at = clean->Find("output_norm.weight")->data.data() - clean->mapping().bytes().data();
  bytes[static_cast<size_t>(at) + 3] = std::byte{0x7f};
  bytes[static_cast<size_t>(at) + 2] = std::byte{0xff};
  ASSERT_OK_AND_ASSIGN(auto packed, testing::OpenPacked(bytes));
  EXPECT_ERROR(Model::Load(std::move(packed)), Code::kMalformed,
               "'output_norm.weight' has the value nan at 0");
}

TEST(Llama, LoadsEverySharedLlama) {
  for (const char* const name :
       {"llama", "llama-rope3", "llama-yarn", "llama-linear", "mistral-swa", "mixtral"}) {
    for (const char* const file : {"model-f32.gguf", "model-q8_0.gguf"}) {
      LEDGE_SHARED_OR_SKIP(path, "data/golden/" + std::string(name) + "/" + file);
      SCOPED_TRACE(path);
      ASSERT_OK_AND_ASSIGN(auto packed, PackToMemory(PosixOs(), path, {}));
      ASSERT_OK_AND_ASSIGN(const auto model, Model::Load(std::move(packed)));
      EXPECT_EQ(model->spec().vocabulary, 512U);
    }
  }
}

}  // namespace
}  // namespace ledge
