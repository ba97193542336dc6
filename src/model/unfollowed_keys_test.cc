#include <gtest/gtest.h>

#include "model/model.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/tiny_models.h"

namespace ledge {
namespace {

using testing::LlamaSource;

Result<ModelSpec> Describe(const LlamaSource& source) {
  const auto bytes = source.Build();
  LEDGE_TRY(const auto header, GgufHeader::Parse(bytes, bytes.size(), "source"));
  return Model::Describe(header);
}

void ExpectRefused(const LlamaSource& source, std::string_view words) {
  EXPECT_ERROR(Describe(source), Code::kUnsupported, words);
}

TEST(UnfollowedKeys, AreFineWhereTheySayWhatIsUsual) {
  EXPECT_OK(Describe(LlamaSource()
                         .Bool("llama.attention.causal", true)
                         .Number("llama.attention.clamp_kqv", 0.0F)
                         .Number("llama.attention.max_alibi_bias", 0.0F)
                         .Number<uint32_t>("llama.expert_group_count", 1)
                         .Number<uint32_t>("llama.attention.key_length", 8)
                         .Number<uint32_t>("llama.attention.key_length_swa", 8)
                         .Numbers<int32_t>("llama.rope.dimension_sections", {0, 0, 0, 0})));
}

// A model of vectors that reads texts in both directions would give vectors, and wrong ones.
TEST(UnfollowedKeys, AttentionInBothDirectionsIsNoDecoders) {
  ExpectRefused(LlamaSource().Bool("llama.attention.causal", false),
                "key 'llama.attention.causal' is false; for architecture 'llama' only true");
}

TEST(UnfollowedKeys, AreRefusedByName) {
  ExpectRefused(LlamaSource().Numbers<int32_t>("llama.rope.dimension_sections", {16, 24, 24, 0}),
                "key 'llama.rope.dimension_sections' is there; rotation in sections");
  ExpectRefused(LlamaSource().Number<uint32_t>("llama.expert_group_count", 8),
                "key 'llama.expert_group_count' is 8; experts that are chosen by groups");
  ExpectRefused(LlamaSource().Number("llama.attention.clamp_kqv", 8.0F),
                "key 'llama.attention.clamp_kqv' is 8; for architecture 'llama' only 0");
  ExpectRefused(LlamaSource()
                    .Number<uint32_t>("llama.attention.key_length", 8)
                    .Number<uint32_t>("llama.attention.key_length_swa", 16),
                "'llama.attention.key_length_swa' is 16; layers that differ in it are not "
                "supported, it should be 8");
  ExpectRefused(
      LlamaSource().Number("llama.rope.freq_base", 5e5F).Number("llama.rope.freq_base_swa", 1e4F),
      "'llama.rope.freq_base_swa' is 10000; layers that differ in it are not supported, "
      "it should be 500000");
}

TEST(UnfollowedKeys, OfOtherTypesAreMalformed) {
  EXPECT_ERROR(Describe(LlamaSource().Text("llama.rope.dimension_sections", "16")),
               Code::kMalformed, "is no array");
  EXPECT_ERROR(Describe(LlamaSource().Text("llama.attention.causal", "no")), Code::kMalformed,
               "should be a bool");
}

}  // namespace
}  // namespace ledge
