#include "gguf/weight_summary.h"

#include <gtest/gtest.h>

#include "testing/gguf_builder.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using testing::GgufBuilder;

TEST(WeightSummary, CountsAllValuesAndNamesTheTypeOfMostBytes) {
  const auto bytes = GgufBuilder()
                         .Floats("norm", {4}, {1, 2, 3, 4})
                         .Tensor("a", TensorType::kQ4_0, {64, 3}, std::string(108, '\0'))
                         .Tensor("b", TensorType::kF16, {2, 3, 2, 1}, std::string(24, '\0'))
                         .Build();
  ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(bytes, bytes.size(), "f"));
  const WeightSummary summary = SummariseWeights(header);
  EXPECT_EQ(summary.parameters, 4u + 64 * 3 + 12);
  EXPECT_EQ(summary.quantisation, "Q4_0");
}

TEST(WeightSummary, OfNoTensorsIsEmpty) {
  const auto bytes = GgufBuilder().String("general.architecture", "llama").Build();
  ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(bytes, bytes.size(), "f"));
  EXPECT_EQ(SummariseWeights(header).parameters, 0u);
  EXPECT_EQ(SummariseWeights(header).quantisation, "");
}

}  // namespace
}  // namespace ledge
