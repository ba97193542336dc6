// What files can say about experts and fused matrices, read as hostile.
#include "model/decoder_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

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

// What the file says of the weights of experts is not followed, so it has to be what is done.
TEST(DecoderBuilder, RefusesExpertsThatAreWeightedInAnotherWay) {
  EXPECT_OK(Load(Mixture()
                     .Number<uint32_t>("llama.expert_gating_func", 1)
                     .Bool("llama.expert_weights_norm", true)));
  EXPECT_OK(Load(Mixture().Number<uint32_t>("llama.expert_gating_func", 0)));
  for (const uint32_t other : {2U, 3U, 9U}) {
    EXPECT_ERROR(Load(Mixture().Number("llama.expert_gating_func", other)), Code::kUnsupported,
                 fmt::format("expert_gating_func' is {}; for architecture 'llama' only 1", other));
  }
  EXPECT_ERROR(Load(Mixture().Bool("llama.expert_weights_norm", false)), Code::kUnsupported,
               "expert_weights_norm' is false; for architecture 'llama' only true");
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

TEST(DecoderBuilder, NamesAGateThatIsMissing) {
  EXPECT_ERROR(Load(LlamaSource().DropTensor("blk.1.ffn_gate.weight")), Code::kMalformed,
               "tensor 'blk.1.ffn_gate.weight' is missing; it should be 32 x 72");
}

TEST(DecoderBuilder, NamesARouterThatIsMissing) {
  EXPECT_ERROR(Load(Mixture().DropTensor("blk.1.ffn_gate_inp.weight")), Code::kMalformed,
               "tensor 'blk.1.ffn_gate_inp.weight' is missing; it should be 32 x 4");
}

// Each tensor of each small model in turn: it is named, or a model may do without it.
TEST(DecoderBuilder, NamesWhicheverTensorOfATinyModelIsMissing) {
  for (const std::string_view name : testing::TinyModel::Names()) {
    const auto bytes = testing::TinyModel(name).Build();
    ASSERT_OK_AND_ASSIGN(const auto whole, GgufHeader::Parse(bytes, bytes.size(), "tiny"));
    for (const GgufTensor& tensor : whole.tensors()) {
      SCOPED_TRACE(fmt::format("{} without {}", name, tensor.name));
      std::vector<std::byte> other = bytes;
      // Its name in the header becomes one that nobody looks for.
      const auto at = static_cast<size_t>(reinterpret_cast<const std::byte*>(tensor.name.data()) -
                                          bytes.data());
      std::memcpy(other.data() + at, "zz", 2);
      ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(other, other.size(), "tiny"));
      const auto described = Model::Describe(header);
      ASSERT_FALSE(described.ok());
      const std::string& said = described.error().message;
      if (said.find("tensor 'zz") != std::string::npos) {
        EXPECT_THAT(std::string(tensor.name),
                    ::testing::AnyOf(::testing::HasSubstr("bias"), "output.weight",
                                     "token_types.weight", "rope_freqs.weight"))
            << said;
        continue;
      }
      if (tensor.name.find("attn_qkv") != std::string_view::npos) continue;  // or three others
      // Without a vocabulary nothing tells how many rows an embedding has.
      const bool embedding = tensor.name == "token_embd.weight";
      EXPECT_THAT(said, ::testing::HasSubstr(fmt::format("tensor '{}' is missing; {}", tensor.name,
                                                         embedding ? "" : "it should be ")));
    }
  }
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
