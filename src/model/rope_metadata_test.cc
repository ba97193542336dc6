#include "model/rope_metadata.h"

#include <gtest/gtest.h>

#include <limits>

#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using testing::LlamaSource;

constexpr uint32_t kHeadDim = 8;
constexpr uint32_t kContext = 128;

Result<Rope> Read(const LlamaSource& source) {
  LEDGE_TRY(const auto packed, testing::PackAndOpen(source.Build()));
  TensorFinder weights(*packed);
  LEDGE_TRY(const Hyperparameters numbers, Hyperparameters::Of(packed->header()));
  return ReadRope(numbers, weights, kHeadDim, kContext);
}

// What the metadata came to, against the table made from the numbers themselves.
void ExpectTable(const LlamaSource& source, RopeSpec spec) {
  spec.dims = spec.dims == 0 ? kHeadDim : spec.dims;
  ASSERT_OK_AND_ASSIGN(const Rope rope, Read(source));
  const RopeTable& read = rope.table;
  ASSERT_OK_AND_ASSIGN(const RopeTable expected, RopeTable::Create(spec));
  ASSERT_EQ(read.dims(), expected.dims());
  EXPECT_EQ(read.magnitude(), expected.magnitude());
  for (size_t i = 0; i < read.frequencies().size(); ++i) {
    EXPECT_EQ(read.frequencies()[i], expected.frequencies()[i]) << i;
  }
}

TEST(ReadRope, DefaultsArePlainWithBase10000) { ExpectTable(LlamaSource(), {.base = 10000}); }

TEST(ReadRope, ReadsBaseAndDimensions) {
  LlamaSource source;
  source.Number<float>("llama.rope.freq_base", 500000)
      .Number<uint32_t>("llama.rope.dimension_count", 6);
  ExpectTable(source, {.dims = 6, .base = 500000});
}

TEST(ReadRope, ReadsLinearScalingByItsNewAndItsOldName) {
  const RopeSpec linear{.scaling = RopeScaling::kLinear, .factor = 4};
  LlamaSource source;
  source.Number<float>("llama.rope.scaling.factor", 4);
  ExpectTable(source, linear);
  source.Text("llama.rope.scaling.type", "linear");
  ExpectTable(source, linear);
  ExpectTable(LlamaSource().Number<float>("llama.rope.scale_linear", 4), linear);
  // The new name wins.
  ExpectTable(source.Number<float>("llama.rope.scale_linear", 3), linear);
}

TEST(ReadRope, NoneScalesNothing) {
  LlamaSource source;
  source.Text("llama.rope.scaling.type", "none").Number<float>("llama.rope.scaling.factor", 4);
  ExpectTable(source, {});
}

TEST(ReadRope, AFactorOfZeroScalesNothing) {
  ExpectTable(LlamaSource().Number<float>("llama.rope.scaling.factor", 0), {});
}

TEST(ReadRope, ReadsYarn) {
  LlamaSource source;
  source.Text("llama.rope.scaling.type", "yarn").Number<float>("llama.rope.scaling.factor", 4);
  RopeSpec yarn{.scaling = RopeScaling::kYarn, .factor = 4, .original_context = kContext};
  ExpectTable(source, yarn);  // the trained context where the original one is not stated
  source.Number<uint32_t>("llama.rope.scaling.original_context_length", 64);
  yarn.original_context = 64;
  ExpectTable(source, yarn);
  source.Number<float>("llama.rope.scaling.yarn_beta_fast", 16)
      .Number<float>("llama.rope.scaling.yarn_beta_slow", 2);
  yarn.beta_fast = 16;
  yarn.beta_slow = 2;
  ExpectTable(source, yarn);
  source.Number<float>("llama.rope.scaling.attn_factor", 1.5F);
  yarn.attn_factor = 1.5;
  ExpectTable(source, yarn);
}

TEST(ReadRope, ReadsFrequencyDivisors) {
  std::string data;
  const std::vector<float> factors = {1, 2, 4, 8};
  for (const float factor : factors) data += testing::GgufBuilder::Bytes(factor);
  ExpectTable(LlamaSource().Tensor("rope_freqs.weight", TensorType::kF32, {4}, data),
              {.factors = factors});
}

TEST(ReadRope, RefusesDivisorsThatDoNotFit) {
  EXPECT_ERROR(Read(LlamaSource().Floats("rope_freqs.weight", {5})), Code::kMalformed,
               "'rope_freqs.weight' is 5; it should be 4");
  const std::string zeros(16, '\0');
  EXPECT_ERROR(Read(LlamaSource().Tensor("rope_freqs.weight", TensorType::kF32, {4}, zeros)),
               Code::kMalformed, "frequency factor");
}

TEST(ReadRope, RefusesFactorsThatAreNotPositiveAndFinite) {
  for (const float factor : {-1.0F, std::numeric_limits<float>::infinity()}) {
    EXPECT_ERROR(Read(LlamaSource().Number<float>("llama.rope.scaling.factor", factor)),
                 Code::kMalformed, "llama.rope.scaling.factor");
  }
}

TEST(ReadRope, RefusesMethodsItDoesNotKnow) {
  EXPECT_ERROR(Read(LlamaSource().Text("llama.rope.scaling.type", "longrope")), Code::kUnsupported,
               "'longrope'");
  LlamaSource source;
  source.Text("llama.rope.scaling.type", "yarn")
      .Number<float>("llama.rope.scaling.yarn_ext_factor", 0.5F);
  EXPECT_ERROR(Read(source), Code::kUnsupported, "yarn_ext_factor");
}

}  // namespace
}  // namespace ledge
