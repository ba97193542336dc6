// Folders of the golden models beside the GGUF files that llama.cpp's converter made of them.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "gguf/gguf.h"
#include "hf/folder_model.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

std::vector<std::string> Models() {
  const auto folder = testing::SharedPath("data/golden");
  if (!folder) return {"absent"};
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

std::string TextOf(const GgufHeader& header, std::string_view key) {
  const GgufValue* const value = header.Find(key);
  if (value == nullptr) return "missing";
  const auto number = header.Number(key);
  if (number.ok()) return fmt::format("{:.6g}", *number);
  return {reinterpret_cast<const char*>(value->bytes.data()), value->bytes.size()};
}

class HfGoldenTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string folder = "data/golden/" + GetParam();
    LEDGE_SHARED_OR_SKIP(path, folder);
    LEDGE_SHARED_OR_SKIP(gguf, folder + "/model-f32.gguf");
    file_ = testing::ReadWholeFile(gguf);
    const auto bytes = std::as_bytes(std::span(file_));
    ASSERT_OK_AND_ASSIGN(expected_, GgufHeader::Parse(bytes, bytes.size(), gguf));
    ASSERT_OK_AND_ASSIGN(FolderModel model,
                         FolderModel::Open(PosixOs(), path, {.type = TensorType::kF32}));
    made_bytes_.resize(model.file_bytes());
    ASSERT_OK(model.Read(made_bytes_));
    ASSERT_OK(model.CheckUnchanged());
    ASSERT_OK_AND_ASSIGN(made_, GgufHeader::Parse(made_bytes_, made_bytes_.size(), path));
  }

  std::string file_;
  std::vector<std::byte> made_bytes_;
  GgufHeader expected_;
  GgufHeader made_;
};

TEST_P(HfGoldenTest, EveryTensorIsTheConvertersBitForBit) {
  ASSERT_EQ(made_.tensors().size(), expected_.tensors().size());
  for (const GgufTensor& expected : expected_.tensors()) {
    const GgufTensor* const made = made_.FindTensor(expected.name);
    ASSERT_NE(made, nullptr) << expected.name;
    EXPECT_EQ(made->dims, expected.dims) << expected.name;
    ASSERT_EQ(made->type, TensorType::kF32);
    ASSERT_EQ(made->bytes, expected.bytes);
    if (expected.name == "rope_freqs.weight") continue;
    EXPECT_EQ(
        std::memcmp(made_bytes_.data() + made->offset, file_.data() + expected.offset, made->bytes),
        0)
        << expected.name;
  }
}

// Computed here in double, there in float.
TEST_P(HfGoldenTest, FrequenciesAreTheConverters) {
  constexpr std::string_view kName = "rope_freqs.weight";
  const GgufTensor* const expected = expected_.FindTensor(kName);
  if (expected == nullptr) GTEST_SKIP() << "has none";
  const GgufTensor* const made = made_.FindTensor(kName);
  ASSERT_NE(made, nullptr);
  ASSERT_EQ(made->dims, expected->dims);
  for (uint64_t i = 0; i < made->values(); ++i) {
    float ours = 0;
    float theirs = 0;
    std::memcpy(&ours, made_bytes_.data() + made->offset + i * sizeof(float), sizeof(float));
    std::memcpy(&theirs, file_.data() + expected->offset + i * sizeof(float), sizeof(float));
    EXPECT_NEAR(ours, theirs, 1e-5 * theirs) << i;
  }
}

TEST_P(HfGoldenTest, KeysThatBothHaveAreEqual) {
  int keys = 0;
  for (const auto& [key, value] : made_.metadata()) {
    if (expected_.Find(key) == nullptr || key == "general.name") continue;
    // "llama" tokenizers merge in the order of scores, whatever these are; unknown tokens and
    // unused ones may be of another type.
    if (key == "tokenizer.ggml.scores" || key == "tokenizer.ggml.token_type") continue;
    // The converter makes words of the names that stand for missing tokens.
    if (GetParam() == "bert" && key == "tokenizer.ggml.tokens") continue;
    EXPECT_TRUE(TextOf(made_, key) == TextOf(expected_, key)) << key;
    ++keys;
  }
  EXPECT_GE(keys, 12);
}

TEST_P(HfGoldenTest, NoKeyOfTheArchitectureIsLeftOut) {
  const auto architecture = made_.String("general.architecture");
  ASSERT_OK(architecture);
  for (const auto& [key, value] : expected_.metadata()) {
    if (!key.starts_with(*architecture) || key.ends_with(".vocab_size")) continue;
    // 0 says that there is none.
    if (key.ends_with(".sliding_window") && TextOf(expected_, key) == "0") continue;
    EXPECT_NE(made_.Find(key), nullptr) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, HfGoldenTest, ::testing::ValuesIn(Models()), [](const auto& test) {
  std::string name = test.param;
  std::erase(name, '-');
  return name;
});

}  // namespace
}  // namespace ledge
