#include "cli/bench/work.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

class WorkTest : public ::testing::Test {
 protected:
  WorkTest() {
    const auto matrix = [](uint32_t rows, uint32_t cols) {
      return PanelMatrix{TensorType::kQ4_0, rows, cols, nullptr};
    };
    LayerSpec layer;
    layer.query = layer.attention_output = matrix(64, 64);
    layer.key = layer.value = matrix(32, 64);
    layer.gate = layer.up = matrix(128, 64);
    layer.down = matrix(64, 128);
    spec_.layers = {layer, layer};
    spec_.output = matrix(320, 64);
  }
  static constexpr uint64_t kLayer = 2 * 64 * 64 + 2 * 32 * 64 + 3 * 128 * 64;
  ModelSpec spec_;
  MachineLimits limits_{.macs_per_second = 1e9, .weight_bytes_per_second = 1e9};
};

TEST_F(WorkTest, CountsEveryMatrixOnce) {
  const ModelWork work = WorkOf(spec_, 100);
  EXPECT_EQ(work.layer_macs, 2 * kLayer);
  EXPECT_EQ(work.output_macs, 320u * 64);
  EXPECT_EQ(work.weight_bytes, (2 * kLayer + 320 * 64) / 32 * 18);
}

TEST_F(WorkTest, CountsTheExpertsThatATokenUses) {
  ExpertsSpec& experts = spec_.layers[0].experts;
  experts.count = 8;
  experts.used = 2;
  experts.router = {TensorType::kF32, 8, 64, nullptr};
  experts.gate = experts.up = {TensorType::kQ4_0, 8 * 32, 64, nullptr};
  experts.down = {TensorType::kQ4_0, 8 * 64, 32, nullptr};
  const ModelWork work = WorkOf(spec_, 0);
  EXPECT_EQ(work.layer_macs, 2 * kLayer + 8 * 64 + 2 * 3 * 32 * 64);
  EXPECT_EQ(work.expert_bytes, 8u * 3 * 32 * 64 / 32 * 18);
  EXPECT_EQ(work.expert_share, 0.25);
  EXPECT_TRUE(work.integer);
}

TEST_F(WorkTest, StreamsReadTheExpertsThatAnyOfThemChooses) {
  const ModelWork work{.weight_bytes = 1000, .expert_bytes = 8000, .expert_share = 0.25};
  const auto bytes = [&](uint32_t streams) {
    // As many tokens a second as streams: a step a second.
    const SpeedTest test{.streams = streams, .measured = 10, .decode = true};
    return 1e9 * OfLimitsAt(work, test, streams, 512, limits_).bandwidth;
  };
  EXPECT_DOUBLE_EQ(bytes(1), 1000 + 8000 * 0.25);
  EXPECT_DOUBLE_EQ(bytes(2), 1000 + 8000 * (1 - 0.75 * 0.75));
  EXPECT_NEAR(bytes(64), 9000, 1);
}

TEST_F(WorkTest, FloatsAreNotComparedWithIntegerArithmetic) {
  EXPECT_GT(OfLimitsAt(WorkOf(spec_, 0), {.measured = 10}, 5, 512, limits_).compute, 0);
  spec_.layers[1].up.type = TensorType::kF16;
  const OfLimits of = OfLimitsAt(WorkOf(spec_, 0), {.measured = 10}, 5, 512, limits_);
  EXPECT_EQ(of.compute, 0);
  EXPECT_GT(of.bandwidth, 0);
}

TEST_F(WorkTest, ADecodeStepReadsWeightsOnceAndEveryStreamsCache) {
  const ModelWork work{
      .layer_macs = 900, .output_macs = 100, .weight_bytes = 5000, .kv_bytes_per_token = 10};
  const SpeedTest test{.streams = 4, .prompt = 90, .measured = 20, .decode = true};
  // 1000 tokens a second of four streams are 250 steps.
  const OfLimits of = OfLimitsAt(work, test, 1000, 512, limits_);
  EXPECT_DOUBLE_EQ(of.compute, 1000 * 1000 / 1e9);
  EXPECT_DOUBLE_EQ(of.bandwidth, 250 * (5000 + 4 * 100 * 10) / 1e9);
}

TEST_F(WorkTest, APrefillReadsWeightsOnceAStepAndWantsOneRowOfLogits) {
  const ModelWork work{.layer_macs = 900, .output_macs = 100, .weight_bytes = 5000};
  const SpeedTest test{.measured = 1000};
  const OfLimits of = OfLimitsAt(work, test, 500, 512, limits_);
  EXPECT_DOUBLE_EQ(of.compute, (1000 * 900 + 100) / 2.0 / 1e9);
  EXPECT_DOUBLE_EQ(of.bandwidth, 2 * 5000 / 2.0 / 1e9);
}

TEST_F(WorkTest, NothingIsSaidOfLimitsThatAreNotKnown) {
  const OfLimits of = OfLimitsAt(WorkOf(spec_, 0), {.measured = 10}, 5, 512, {});
  EXPECT_EQ(of.compute, 0);
  EXPECT_EQ(of.bandwidth, 0);
}

}  // namespace
}  // namespace ledge
