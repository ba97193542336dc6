#include "hf/checkpoint.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "os/fault/fault_os.h"
#include "testing/result_matchers.h"
#include "testing/safetensors_builder.h"

namespace ledge {
namespace {

using testing::FloatBytes;
using testing::SafetensorsFile;

constexpr char kFirst[] = "model-00001-of-00002.safetensors";
constexpr char kSecond[] = "model-00002-of-00002.safetensors";

class CheckpointTest : public ::testing::Test {
 protected:
  // Two shards with a tensor each, and an index.
  void PutShards(const nlohmann::json& map = {{"a", kFirst}, {"b", kSecond}}) {
    os_.Put(std::string("/m/") + kFirst, SafetensorsFile({{"a", "F32", {2}, FloatBytes({1, 2})}}));
    os_.Put(std::string("/m/") + kSecond, SafetensorsFile({{"b", "F32", {1}, FloatBytes({3})}}));
    PutIndex({{"metadata", {{"total_size", 12}}}, {"weight_map", map}});
  }
  void PutIndex(const nlohmann::json& index) {
    os_.Put("/m/model.safetensors.index.json", index.dump());
  }
  Result<HfCheckpoint> Open() { return HfCheckpoint::Open(os_, "/m"); }

  fault::FaultOs os_;
};

TEST_F(CheckpointTest, ReadsOneFile) {
  os_.Put("/m/model.safetensors", SafetensorsFile({{"b", "F32", {2}, FloatBytes({5, 6})},
                                                   {"a", "F32", {1}, FloatBytes({7})}}));
  ASSERT_OK_AND_ASSIGN(const HfCheckpoint checkpoint, Open());
  ASSERT_EQ(checkpoint.tensors().size(), 2U);
  EXPECT_EQ(checkpoint.tensors()[0].name, "a");
  const HfTensor* const tensor = checkpoint.Find("b");
  ASSERT_NE(tensor, nullptr);
  float value = 0;
  ASSERT_OK(checkpoint.Read(*tensor, 4, std::as_writable_bytes(std::span(&value, 1))));
  EXPECT_EQ(value, 6);
  EXPECT_EQ(checkpoint.Find("c"), nullptr);
}

TEST_F(CheckpointTest, ReadsShards) {
  PutShards();
  ASSERT_OK_AND_ASSIGN(const HfCheckpoint checkpoint, Open());
  const HfTensor* const tensor = checkpoint.Find("b");
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(checkpoint.FileOf(*tensor), std::string("/m/") + kSecond);
  float value = 0;
  ASSERT_OK(checkpoint.Read(*tensor, 0, std::as_writable_bytes(std::span(&value, 1))));
  EXPECT_EQ(value, 3);
}

TEST_F(CheckpointTest, NeverLeavesTheFolder) {
  os_.Put("/secret.safetensors", SafetensorsFile({{"b", "F32", {1}, FloatBytes({3})}}));
  os_.Put("/m/sub/x.safetensors", SafetensorsFile({{"b", "F32", {1}, FloatBytes({3})}}));
  for (const char* name :
       {"../secret.safetensors", "/secret.safetensors", "sub/x.safetensors", "..", ".safetensors",
        "sub\\x.safetensors", "", "config.json", ".hidden.safetensors", "a\x1b.safetensors"}) {
    PutShards({{"a", kFirst}, {"b", name}});
    os_.ResetCounters();
    EXPECT_ERROR(Open(), Code::kMalformed, "weight_map.b is");
    EXPECT_ERROR(Open(), Code::kMalformed, "in the same folder");
  }
}

TEST_F(CheckpointTest, AMissingShardIsNamed) {
  PutShards({{"a", kFirst}, {"b", "model-00003-of-00003.safetensors"}});
  EXPECT_ERROR(Open(), Code::kNotFound, "/m/model-00003-of-00003.safetensors: is missing");
}

TEST_F(CheckpointTest, TheIndexAndTheShardsMustAgree) {
  PutShards({{"a", kFirst}});
  EXPECT_OK(Open()) << "a file that the index leaves out is not the model's";
  PutShards({{"a", kFirst}, {"c", kFirst}, {"b", kSecond}});
  EXPECT_ERROR(Open(), Code::kMalformed, "gives 2 tensors to");
  PutShards({{"c", kFirst}, {"b", kSecond}});
  EXPECT_ERROR(Open(), Code::kMalformed, "weight_map.c is");
  PutShards({{"a", kSecond}, {"b", kFirst}});
  EXPECT_ERROR(Open(), Code::kMalformed, "that file has no such tensor");
}

TEST_F(CheckpointTest, ATensorInTwoShardsIsRefused) {
  PutShards({{"a", kFirst}, {"b", kSecond}});
  os_.Put(std::string("/m/") + kSecond, SafetensorsFile({{"a", "F32", {1}, FloatBytes({3})}}));
  EXPECT_ERROR(Open(), Code::kMalformed, "weight_map.b is");
}

TEST_F(CheckpointTest, RefusesABrokenIndex) {
  PutShards();
  for (const nlohmann::json& index : {nlohmann::json::object(), nlohmann::json{{"weight_map", 7}},
                                      nlohmann::json{{"weight_map", nlohmann::json::object()}},
                                      nlohmann::json{{"weight_map", {{"a", 7}}}}}) {
    PutIndex(index);
    EXPECT_ERROR(Open(), Code::kMalformed, "weight_map");
  }
  nlohmann::json many = nlohmann::json::object();
  for (uint64_t i = 0; i <= kMaxShards; ++i) {
    many[std::to_string(i)] = std::to_string(i) + ".safetensors";
  }
  PutIndex({{"weight_map", many}});
  EXPECT_ERROR(Open(), Code::kMalformed, "names 1001 files");
}

TEST_F(CheckpointTest, SaysWhereWeightsShouldBe) {
  os_.Put("/m/config.json", "{}");
  EXPECT_ERROR(Open(), Code::kMalformed,
               "/m: has no weights; there should be model.safetensors or "
               "model.safetensors.index.json");
}

TEST_F(CheckpointTest, AChangeWhileItIsReadIsFound) {
  PutShards();
  ASSERT_OK_AND_ASSIGN(const HfCheckpoint checkpoint, Open());
  EXPECT_OK(checkpoint.CheckUnchanged());
  ASSERT_OK_AND_ASSIGN(const auto file, os_.OpenForUpdate(std::string("/m/") + kFirst));
  const float value = 9;
  ASSERT_OK(file->WriteAt(0, std::as_bytes(std::span(&value, 1))));
  EXPECT_ERROR(checkpoint.CheckUnchanged(), Code::kMalformed, "changed while it was read");
}

}  // namespace
}  // namespace ledge
