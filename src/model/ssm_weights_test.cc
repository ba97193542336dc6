#include "model/ssm_weights.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "model/layer_groups.h"
#include "testing/gguf_builder.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using testing::GgufBuilder;

struct Keys {
  uint32_t inner = 64;
  uint32_t heads = 8;
  uint32_t groups = 2;
  uint32_t state = 16;
  uint32_t taps = 4;
};

class SsmWeightsTest : public ::testing::Test {
 protected:
  Result<SsmSpec> Read(const Keys& keys) {
    GgufBuilder builder;
    builder.String("general.architecture", "a")
        .Number("a.ssm.inner_size", keys.inner)
        .Number("a.ssm.time_step_rank", keys.heads)
        .Number("a.ssm.group_count", keys.groups)
        .Number("a.ssm.state_size", keys.state)
        .Number("a.ssm.conv_kernel", keys.taps);
    for (const auto& [name, dims] : tensors_) {
      uint64_t values = 1;
      for (const uint64_t dim : dims) values *= dim;
      builder.Floats("blk.0." + name, dims, std::vector<float>(values));
    }
    bytes_ = builder.Build();
    LEDGE_TRY(header_, GgufHeader::Parse(bytes_, bytes_.size(), "file"));
    LEDGE_TRY(const Hyperparameters numbers, Hyperparameters::Of(*header_));
    return ReadSsm(numbers);
  }
  Result<SsmSpec> Take() {
    LEDGE_TRY(SsmSpec ssm, Read({}));
    TensorFinder weights(*header_);
    LEDGE_CHECK_OK(TakeSsm(weights, "blk.0.", 32, ssm));
    LEDGE_CHECK_OK(weights.CheckAllTaken());
    return ssm;
  }

  std::map<std::string, std::vector<uint64_t>> tensors_ = {{"ssm_in.weight", {32, 64 + 128 + 8}},
                                                           {"ssm_conv1d.weight", {4, 128}},
                                                           {"ssm_conv1d.bias", {128}},
                                                           {"ssm_dt.bias", {8}},
                                                           {"ssm_a", {1, 8}},
                                                           {"ssm_d", {1, 8}},
                                                           {"ssm_norm.weight", {32, 2}},
                                                           {"ssm_out.weight", {64, 32}}};
  std::vector<std::byte> bytes_;
  std::optional<GgufHeader> header_;
};

TEST_F(SsmWeightsTest, ReadsTheShape) {
  ASSERT_OK_AND_ASSIGN(const SsmSpec ssm, Read({}));
  EXPECT_TRUE(ssm);
  EXPECT_EQ(ssm.head_dim, 8U);
  EXPECT_EQ(ssm.convolved(), 64U + 2 * 2 * 16);
  EXPECT_EQ(ssm.projected(), 64U + 128 + 8);
  // Three columns for the convolution, and heads of 8 channels, which lie in blocks of 16.
  EXPECT_EQ(ssm.state_floats(), 3U * 128 + 8 * 16 * 16);
}

TEST_F(SsmWeightsTest, RefusesShapesThatContradictThemselves) {
  EXPECT_ERROR(Read({.heads = 7}), Code::kMalformed,
               "ssm.time_step_rank' is 7; it should divide ssm.inner_size 64");
  EXPECT_ERROR(Read({.groups = 3}), Code::kMalformed,
               "ssm.group_count' is 3; it should divide the 8 heads");
  EXPECT_ERROR(Read({.heads = 0}), Code::kMalformed, "ssm.time_step_rank' is 0");
  EXPECT_ERROR(Read({.groups = 0}), Code::kMalformed, "ssm.group_count' is 0");
  EXPECT_ERROR(Read({.inner = UINT32_MAX}), Code::kMalformed, "ssm.inner_size' is 4294967295");
  EXPECT_ERROR(Read({.state = 1 << 30}), Code::kMalformed, "ssm.state_size' is 1073741824");
  EXPECT_ERROR(Read({.taps = 0}), Code::kMalformed, "ssm.conv_kernel' is 0");
  EXPECT_ERROR(Read({.taps = 65}), Code::kMalformed,
               "ssm.conv_kernel' is 65; it should be from 1 to 64");
}

TEST_F(SsmWeightsTest, TakesAllTensors) {
  ASSERT_OK_AND_ASSIGN(const SsmSpec ssm, Take());
  EXPECT_EQ(ssm.in.rows, 200U);
  EXPECT_EQ(ssm.out.cols, 64U);
  EXPECT_EQ(ssm.convolution.size, 4U * 128);
  tensors_.erase("ssm_conv1d.bias");
  EXPECT_OK(Take());
}

TEST_F(SsmWeightsTest, NamesWhatIsMissingOrMisshapen) {
  for (const char* name : {"ssm_in.weight", "ssm_conv1d.weight", "ssm_dt.bias", "ssm_a", "ssm_d",
                           "ssm_norm.weight", "ssm_out.weight"}) {
    const std::vector<uint64_t> dims = tensors_[name];
    tensors_.erase(name);
    EXPECT_ERROR(Take(), Code::kMalformed, std::string(name) + "' is missing; it should be");
    tensors_[name] = {5, 3};
    EXPECT_ERROR(Take(), Code::kMalformed, std::string(name) + "' is 5 x 3; it should be");
    tensors_[name] = dims;
  }
}

TEST(RecurrentBytes, LayersStandOneBehindTheOther) {
  ModelSpec spec;
  spec.layers.resize(3);
  for (const size_t i : {0U, 2U}) {
    SsmSpec& ssm = spec.layers[i].ssm;
    ssm.heads = 2;
    ssm.head_dim = 5;
    ssm.groups = 1;
    ssm.state = 3;
    ssm.taps = 4;
  }
  spec.layers[1].attention = {.heads = 2, .kv_heads = 2, .key_dim = 8, .value_dim = 8};
  AssignCaches(spec);
  const uint64_t floats = spec.layers[0].ssm.state_floats();
  EXPECT_EQ(floats, 3U * (10 + 6) + 2 * 16 * 3);
  EXPECT_EQ(spec.layers[0].ssm.state_at, 0U);
  EXPECT_EQ(spec.layers[2].ssm.state_at, 144U);
  EXPECT_EQ(RecurrentBytes(spec), 4 * (144 + floats));
  const auto groups = LayerGroups(spec, KvType::kF16);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].layers, 1U);
  EXPECT_EQ(RecurrentBytes(ModelSpec()), 0U);
}

}  // namespace
}  // namespace ledge
