// Every broken model of the catalogue (testing/model_cases.h): refused while it is packed or
// loaded, by name, and a seed of the fuzzer.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "model/model.h"
#include "testing/model_cases.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::BrokenModels;
using testing::ModelCase;

Result<std::shared_ptr<const Model>> Load(std::span<const std::byte> bytes) {
  LEDGE_TRY(auto packed, testing::PackAndOpen(bytes));
  return Model::Load(std::move(packed));
}

class BrokenModelTest : public ::testing::TestWithParam<ModelCase> {};

TEST_P(BrokenModelTest, IsRefusedSayingWhy) {
  const auto model = Load(GetParam().bytes);
  ASSERT_TRUE(testing::Fails(model, GetParam().code, GetParam().words));
  const std::string& message = model.error().message;
  EXPECT_EQ(message, PrintableLine(message)) << "not fit for a terminal";
  EXPECT_TRUE(message.starts_with("/source.gguf") || message.starts_with("packed:"))
      << "names no file: " << message;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, BrokenModelTest, ::testing::ValuesIn(BrokenModels()),
                         [](const auto& test) { return test.param.name; });

TEST(BrokenModels, DifferFromARightOneInOneThingOnly) {
  EXPECT_OK(Load(testing::LlamaSource(testing::model_cases::kShape).Build()));
  EXPECT_OK(Load(testing::LlamaSource(testing::model_cases::kBlockShape).Build()));
}

// Run with LEDGE_WRITE_SEEDS=1 to write the fuzzer's seeds anew after a change of the catalogue.
TEST(PackCorpus, HoldsTheCatalogue) {
  if (!std::filesystem::exists("fuzz")) GTEST_SKIP() << "not run in the project's root";
  for (const ModelCase& each : BrokenModels()) {
    // The first byte says that a source follows (fuzz/pack_fuzz.cc).
    const std::string bytes = "\x01" + std::string(testing::AsText(each.bytes));
    const std::string path = "fuzz/corpus/pack/model_" + each.name;
    if (std::getenv("LEDGE_WRITE_SEEDS") != nullptr) std::ofstream(path, std::ios::binary) << bytes;
    ASSERT_TRUE(std::filesystem::exists(path)) << path;
    EXPECT_TRUE(testing::ReadWholeFile(path) == bytes) << path;
  }
}

}  // namespace
}  // namespace ledge
