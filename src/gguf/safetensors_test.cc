#include "gguf/safetensors.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "testing/result_matchers.h"
#include "testing/safetensors_cases.h"
#include "testing/shared_data.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::BrokenSafetensors;
using testing::SafetensorsCase;
using testing::SmallSafetensors;

Result<SafetensorsHeader> Parse(const std::string& file) {
  return SafetensorsHeader::Parse(std::as_bytes(std::span(file)), file.size(), "m.safetensors");
}

TEST(SafetensorsReader, GivesTensorsInTheFilesOrderWithTheirPlaces) {
  const std::string file = SmallSafetensors();
  ASSERT_OK_AND_ASSIGN(const auto header, Parse(file));
  ASSERT_EQ(header.tensors.size(), 3U);
  EXPECT_EQ(header.tensors[0].name, "b");
  EXPECT_EQ(header.tensors[0].shape, (std::vector<uint64_t>{2, 2}));
  EXPECT_EQ(header.tensors[1].name, "a");
  EXPECT_EQ(SafetensorsTypeName(header.tensors[1].type), "BF16");
  EXPECT_EQ(header.tensors[1].bytes, 6U);
  EXPECT_EQ(header.tensors[2].name, "scalar");
  EXPECT_TRUE(header.tensors[2].shape.empty());
  EXPECT_EQ(header.tensors[2].bytes, 8U);
  float first = 0;
  std::memcpy(&first, file.data() + header.tensors[0].offset, sizeof(first));
  EXPECT_EQ(first, 1.0F);
  EXPECT_EQ(header.tensors[2].offset + 8, file.size());
}

TEST(SafetensorsReader, TakesSpacesBehindTheHeaderAndNoTensorAtAll) {
  ASSERT_OK_AND_ASSIGN(const auto header, Parse(testing::SafetensorsBytes("{}   ", "")));
  EXPECT_TRUE(header.tensors.empty());
}

class BrokenSafetensorsTest : public ::testing::TestWithParam<SafetensorsCase> {};

TEST_P(BrokenSafetensorsTest, IsRefusedSayingWhy) {
  const auto header = Parse(GetParam().bytes);
  ASSERT_FALSE(header.ok());
  EXPECT_ERROR(header, GetParam().code, GetParam().words);
  EXPECT_TRUE(header.error().message.starts_with("m.safetensors: ")) << header.error().message;
  EXPECT_EQ(header.error().message, PrintableLine(header.error().message));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, BrokenSafetensorsTest, ::testing::ValuesIn(BrokenSafetensors()),
                         [](const auto& test) { return test.param.name; });

TEST(SafetensorsReader, RefusesEveryCutAndSurvivesEveryFlippedByte) {
  const std::string whole = SmallSafetensors();
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Parse(whole.substr(0, size)).ok()) << size;
  }
  int refused = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int mask : {1, 0x80, 0xFF}) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ mask);
      const auto header = Parse(flipped);
      if (header.ok()) continue;
      ++refused;
      ASSERT_EQ(header.error().message, PrintableLine(header.error().message));
    }
  }
  EXPECT_GT(refused, 300);
}

TEST(SafetensorsReader, TakesManyTensorsButNoMoreThanTheLimit) {
  const auto file_of = [](uint64_t count) {
    std::string header = "{";
    for (uint64_t i = 0; i < count; ++i) {
      header +=
          fmt::format("{}\"{}{}\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[{},{}]}}",
                      i == 0 ? "" : ",", std::string(32, 'x'), i * 7919 % count, i, i + 1);
    }
    return testing::SafetensorsBytes(header + '}', std::string(count, '\0'));
  };
  EXPECT_OK(Parse(file_of(kMaxSafetensors)));
  EXPECT_ERROR(Parse(file_of(kMaxSafetensors + 1)), Code::kMalformed, "more than 131072 tensors");
}

TEST(SafetensorsReader, ReadsSharedModels) {
  LEDGE_SHARED_OR_SKIP(folder, "data/golden");
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".safetensors") continue;
    ASSERT_OK_AND_ASSIGN(const auto header, Parse(testing::ReadWholeFile(entry.path().string())));
    EXPECT_GT(header.tensors.size(), 10U);
    ++files;
  }
  EXPECT_GT(files, 10);
}

// Run with LEDGE_WRITE_SEEDS=1 to write the fuzzer's seeds anew after a change of the catalogue.
TEST(SafetensorsCorpus, HoldsTheCatalogue) {
  const std::filesystem::path folder = "fuzz/corpus/safetensors";
  if (!std::filesystem::exists("fuzz")) GTEST_SKIP() << "not run in the project's root";
  auto cases = BrokenSafetensors();
  cases.push_back({"small", Code::kInternal, "", SmallSafetensors()});
  for (const SafetensorsCase& each : cases) {
    const auto path = folder / (each.name + ".safetensors");
    if (std::getenv("LEDGE_WRITE_SEEDS") != nullptr) {
      std::filesystem::create_directories(folder);
      std::ofstream(path, std::ios::binary) << each.bytes;
    }
    EXPECT_TRUE(std::filesystem::exists(path)) << path;
    EXPECT_EQ(testing::ReadWholeFile(path.string()), each.bytes) << path;
  }
}

}  // namespace
}  // namespace ledge
