#include "model/hyperparameters.h"

#include <gtest/gtest.h>

#include "testing/gguf_builder.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using testing::GgufBuilder;

class CountsTest : public ::testing::Test {
 protected:
  CountsTest() { builder_.String("general.architecture", "a"); }

  Result<std::vector<uint32_t>> Counts(uint32_t layers) {
    bytes_ = builder_.Build();
    LEDGE_TRY(header_, GgufHeader::Parse(bytes_, bytes_.size(), "file"));
    LEDGE_TRY(const Hyperparameters numbers, Hyperparameters::Of(*header_));
    return numbers.Counts("n", {0, 8}, layers, 5);
  }
  Result<uint32_t> Count() {
    bytes_ = builder_.Build();
    LEDGE_TRY(header_, GgufHeader::Parse(bytes_, bytes_.size(), "file"));
    LEDGE_TRY(const Hyperparameters numbers, Hyperparameters::Of(*header_));
    return numbers.Count("n", {1, 8});
  }

  GgufBuilder builder_;
  std::vector<std::byte> bytes_;
  std::optional<GgufHeader> header_;
};

using Numbers = std::vector<uint32_t>;

TEST_F(CountsTest, OneNumberHoldsForAllLayers) {
  builder_.Number<uint32_t>("a.n", 3);
  ASSERT_OK_AND_ASSIGN(const Numbers counts, Counts(2));
  EXPECT_EQ(counts, Numbers({3, 3}));
}

TEST_F(CountsTest, TheFallbackDoesToo) {
  ASSERT_OK_AND_ASSIGN(const Numbers counts, Counts(2));
  EXPECT_EQ(counts, Numbers({5, 5}));
}

TEST_F(CountsTest, AnArrayHasOneALayer) {
  builder_.Numbers<int32_t>("a.n", {0, 8, 0});
  ASSERT_OK_AND_ASSIGN(const Numbers counts, Counts(3));
  EXPECT_EQ(counts, Numbers({0, 8, 0}));
  EXPECT_ERROR(Counts(2), Code::kMalformed, "'a.n' has 3 entries; it should have one a layer, 2");
}

TEST_F(CountsTest, EntriesAreChecked) {
  builder_.Numbers<uint16_t>("a.n", {0, 9});
  EXPECT_ERROR(Counts(2), Code::kMalformed, "'a.n' is 9; it should be from 0 to 8");
}

TEST_F(CountsTest, NegativeEntriesAreRefused) {
  builder_.Numbers<int64_t>("a.n", {1, -1});
  EXPECT_ERROR(Counts(2), Code::kMalformed, "something else than a whole number from 0 up at 1");
}

TEST_F(CountsTest, EntriesBeyondAllNumbersAreRefused) {
  builder_.Numbers<uint64_t>("a.n", {UINT64_MAX});
  EXPECT_ERROR(Counts(1), Code::kMalformed, "at 0");
}

TEST_F(CountsTest, ArraysOfOtherThingsAreRefused) {
  builder_.Numbers<float>("a.n", {1.0F, 2.0F});
  EXPECT_ERROR(Counts(2), Code::kMalformed, "whole number");
}

TEST_F(CountsTest, LongArraysAreRefused) {
  builder_.Numbers<uint8_t>("a.n", std::vector<uint8_t>(100000, 1));
  EXPECT_ERROR(Counts(2), Code::kMalformed, "has 100000 entries; it should have at most 4096");
}

TEST_F(CountsTest, AnArrayOfOneNumberCountsAsThatNumber) {
  builder_.Numbers<uint32_t>("a.n", {4, 4, 4});
  ASSERT_OK_AND_ASSIGN(const uint32_t count, Count());
  EXPECT_EQ(count, 4U);
}

TEST_F(CountsTest, AnArrayOfSeveralNumbersIsNoCount) {
  builder_.Numbers<uint32_t>("a.n", {4, 4, 3});
  EXPECT_ERROR(Count(), Code::kUnsupported, "layers that differ");
}

TEST_F(CountsTest, AnEmptyArrayIsNoCount) {
  builder_.Numbers<uint32_t>("a.n", {});
  EXPECT_ERROR(Count(), Code::kUnsupported, "array of 0");
}

}  // namespace
}  // namespace ledge
