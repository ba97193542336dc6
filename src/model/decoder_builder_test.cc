// What files can say about experts and fused matrices, read as hostile.
#include "model/decoder_builder.h"

#include <gtest/gtest.h>

#include "model/model.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/tiny_models.h"

namespace ledge {
namespace {

using testing::LlamaSource;

Result<std::shared_ptr<const Model>> Load(const LlamaSource& source) {
  LEDGE_TRY(auto packed, testing::PackAndOpen(source.Build()));
  return Model::Load(std::move(packed));
}

// Four experts, two of them used, in each of the two layers.
LlamaSource Mixture(uint64_t length = 48) {
  LlamaSource source;
  source.Number<uint32_t>("llama.expert_count", 4)
      .Number<uint32_t>("llama.expert_used_count", 2)
      .Number<uint32_t>("llama.expert_feed_forward_length", static_cast<uint32_t>(length));
  for (const std::string block : {"blk.0.", "blk.1."}) {
    for (const char* const dense : {"ffn_gate.weight", "ffn_up.weight", "ffn_down.weight"})
      source.DropTensor(block + dense);
    source.Floats(block + "ffn_gate_inp.weight", {32, 4});
    source.Floats(block + "ffn_gate_exps.weight", {32, length, 4});
    source.Floats(block + "ffn_up_exps.weight", {32, length, 4});
    source.Floats(block + "ffn_down_exps.weight", {length, 32, 4});
  }
  return source;
}

TEST(DecoderBuilder, ReadsAMixture) {
  ASSERT_OK_AND_ASSIGN(const auto model, Load(Mixture()));
  const ExpertsSpec& experts = model->spec().layers[1].experts;
  EXPECT_EQ(experts.count, 4U);
  EXPECT_EQ(experts.used, 2U);
  EXPECT_EQ(experts.feed_forward, 48U);
  EXPECT_EQ(experts.gate.rows, 4U * 48U);
  EXPECT_EQ(experts.down.rows, 4U * 32U);
  EXPECT_FALSE(model->spec().layers[1].dense());
}

TEST(DecoderBuilder, RefusesExpertCountsOutOfRange) {
  EXPECT_ERROR(Load(Mixture().Number<uint32_t>("llama.expert_count", 5000)), Code::kMalformed,
               "expert_count' is 5000; it should be from 0 to 1024");
  for (const uint32_t used : {0U, 5U, UINT32_MAX}) {
    EXPECT_ERROR(Load(Mixture().Number<uint32_t>("llama.expert_used_count", used)),
                 Code::kMalformed, "expert_used_count");
  }
}

TEST(DecoderBuilder, RefusesExpertsOfAnotherNumberThanStated) {
  EXPECT_ERROR(Load(Mixture().Floats("blk.1.ffn_up_exps.weight", {32, 48, 3})), Code::kMalformed,
               "'blk.1.ffn_up_exps.weight' is 32 x 48 x 3; it should be 32 x 48 x 4");
  EXPECT_ERROR(Load(Mixture().DropTensor("blk.0.ffn_down_exps.weight")), Code::kMalformed,
               "'blk.0.ffn_down_exps.weight' is missing");
}

TEST(DecoderBuilder, RefusesExpertsThatAreNoWholePanels) {
  EXPECT_ERROR(Load(Mixture(40)), Code::kUnsupported,
               "it should be a packed matrix, or several of a multiple of 16 rows each");
}

TEST(DecoderBuilder, RefusesFusedMatricesThatBeginWithinAPanel) {
  LlamaSource source;
  for (const char* const part : {"attn_q", "attn_k", "attn_v"})
    source.DropTensor(std::string("blk.0.") + part + ".weight");
  source.Floats("blk.0.attn_qkv.weight", {32, 64});
  EXPECT_OK(Load(source));
  source.DropTensor("blk.0.ffn_gate.weight").Floats("blk.0.ffn_up.weight", {32, 144});
  EXPECT_ERROR(Load(source), Code::kUnsupported, "only multiples of 16 are supported there");
}

TEST(DecoderBuilder, EveryTinyModelIsDescribedWithoutItsWeights) {
  for (const std::string_view name : testing::TinyModel::Names()) {
    SCOPED_TRACE(name);
    const testing::TinyModel model(name);
    const auto bytes = model.Build();
    ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(bytes, bytes.size(), "source"));
    ASSERT_OK_AND_ASSIGN(const ModelSpec spec, Model::Describe(header));
    EXPECT_EQ(spec.architecture, model.architecture());
  }
}

}  // namespace
}  // namespace ledge
