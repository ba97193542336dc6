// docs/supported.md: what runs, made from the code's own tables, each row with the test that covers
// it. Run with LEDGE_WRITE_DOCS=1 to write it anew after a change of these tables.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "gguf/gguf.h"
#include "hf/family.h"
#include "kernels/panel.h"
#include "model/architecture.h"
#include "quant/quant.h"
#include "quant/quant_blocks_test_data.h"
#include "testing/family_folders.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"
#include "testing/temp_dir.h"
#include "testing/tiny_models.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace {

constexpr char kPage[] = "docs/supported.md";

struct TestName {
  std::string_view file, suite, name;
};
constexpr TestName kGoldenTest = {"src/engine/golden_test.cc", "GoldenTest",
                                  "FloatsThroughoutAreExact"};
constexpr TestName kTinyTest = {"src/engine/architectures_test.cc", "ReferenceTest", "IsMet"};
constexpr TestName kPreTest = {"src/tokenizer/pre/reference_test.cc", "PreReferenceTest",
                               "CutsAsItsModelHasLearnt"};

std::string ReadSource(std::string_view path) { return testing::ReadWholeFile(std::string(path)); }

bool Exists(const TestName& test) {
  return ReadSource(test.file).find(fmt::format("({}, {})", test.suite, test.name)) !=
         std::string::npos;
}

std::string Code(std::string_view text) { return fmt::format("`{}`", text); }
std::string Code(const TestName& test) {
  return fmt::format("`{}`: `{}.{}`", test.file, test.suite, test.name);
}

bool IsTiny(std::string_view architecture) {
  const auto names = testing::TinyModel::Names();
  return std::ranges::find(names, architecture) != names.end();
}

std::string Architectures() {
  std::string rows;
  for (const Architecture* architecture : AllArchitectures()) {
    std::string models;
    for (const HfFamily* family : AllHfFamilies()) {
      if (family->architecture != architecture->name) continue;
      for (const std::string_view model : family->models) {
        models += fmt::format("{}{}", models.empty() ? "" : ", ", Code(model));
      }
    }
    rows += fmt::format("| {} | {} | {} |\n", Code(architecture->name), models,
                        Code(IsTiny(architecture->name) ? kTinyTest : kGoldenTest));
  }
  return "## Architectures\n\n`general.architecture` of a GGUF file, and the class in "
         "`config.json` of a "
         "folder that becomes one.\n\n| architecture | folders of | tested in |\n|---|---|---|\n" +
         rows;
}

// Of blocks against what another program decodes them to; of plain numbers against their
// definition. An empty name if there is none.
TestName TypeTest(const TypeInfo& info) {
  if (info.type == TensorType::kF32) return kGoldenTest;
  constexpr std::string_view kHalves = "src/quant/half_test.cc";
  if (info.type == TensorType::kF16)
    return {kHalves, "Half", "EveryFiniteHalfHasItsValueAndComesBack"};
  if (info.type == TensorType::kBF16) return {kHalves, "Bf16", "IsTheUpperHalfOfAFloatRounded"};
  constexpr std::string_view kBlocks = "src/quant/quant_test.cc";
  if (std::ranges::find(quant_vectors::kGoldenBlocks, info.type,
                        &quant_vectors::GoldenBlock::type) !=
      std::end(quant_vectors::kGoldenBlocks)) {
    return {kBlocks, "Quant", "DecodesTheOtherFormatsBitForBitLikeAnIndependentImplementation"};
  }
  const std::string vector = fmt::format("ExpectVector(TensorType::k{},", info.name);
  if (ReadSource(kBlocks).find(vector) == std::string::npos) return {};
  return {kBlocks, "Quant", "DecodesBitForBitLikeAnIndependentImplementation"};
}

std::string Types() {
  std::string rows;
  for (const TypeInfo& info : AllTypes()) {
    if (FindPanelLayout(info.type) == nullptr) continue;
    rows += fmt::format("| {} | {:.4g} | {} | {} | {} |\n", info.name,
                        8.0 * info.block_bytes / info.block_values,
                        ReadsFloats(info.type) ? "floats" : "8-bit integers",
                        CanEncode(info.type) ? "yes" : "", Code(TypeTest(info)));
  }
  return "## Types of weights\n\nKept at their width and multiplied as the third column says. "
         "`import --type` writes those of the fourth.\n\n| type | bits a weight | products in | "
         "written "
         "| tested in |\n|---|---|---|---|---|\n" +
         rows;
}

std::string PreTokenizers() {
  std::string rows;
  for (const PreTokenizer* pre : AllPreTokenizers()) {
    std::string others;
    for (const std::string_view name : pre->names.subspan(1)) {
      others += fmt::format("{}{}", others.empty() ? "" : ", ", Code(name));
    }
    rows += fmt::format("| {} | {} |\n", Code(pre->names[0]), others);
  }
  return "## Pre-tokenizers\n\n`tokenizer.ggml.pre`, where `tokenizer.ggml.model` is `gpt2`, "
         "`gemma4` or "
         "`whitespace`. Each name is tested in " +
         Code(kPreTest) + ".\n\n| name | the same |\n|---|---|\n" + rows;
}

struct Row {
  const char* what;
  const char* how;
  TestName test;
};
constexpr TestName kVocabularyTest = {"src/tokenizer/reference_test.cc", "VocabularyTest",
                                      "GivesTheReferenceIdsAndTheTextBack"};
constexpr TestName kTinyVocabularyTest = {"src/tokenizer/tiny_reference_test.cc",
                                          "TinyReferenceTest", "GivesTheIdsOfLlamaCpp"};
constexpr Row kTokenizers[] = {
    {"`llama`", "SentencePiece BPE, byte fallback", kVocabularyTest},
    {"`gpt2`", "BPE by rank, over bytes", kVocabularyTest},
    {"`gemma4`, `whitespace`", "BPE by rank, over characters", kTinyVocabularyTest},
    {"`bert`", "WordPiece", kVocabularyTest},
    {"`t5`", "Unigram with its character map", kTinyVocabularyTest},
};
constexpr Row kFormats[] = {
    {"GGUF, versions 2 and 3",
     "little-endian",
     {"src/gguf/gguf_test.cc", "GgufReader", "ReadsEveryType"}},
    {"GGUF in parts",
     "`-00001-of-00003.gguf`, in one folder",
     {"src/pack/split_source_test.cc", "SplitTest", "AnyPartGivesTheFileThatWasSplit"}},
    {"folder of safetensors",
     "one file or shards with their index",
     {"src/hf/golden_test.cc", "HfGoldenTest", "EveryTensorIsTheConvertersBitForBit"}},
    {"`tokenizer.json`",
     "BPE, byte-level or with byte fallback, WordPiece and Unigram",
     {"src/tokenizer/hf_json_test.cc", "HfGoldenTest", "GivesTheIdsOfTheSamples"}},
    {"its normalizers",
     "NFC, NFD, NFKC, NFKD, precompiled character maps; `lstrip` and `rstrip`",
     {"src/tokenizer/hf_rules_test.cc", "HfNormalizer", "PutsTextIntoItsForm"}},
};

std::string Fixed(std::string_view title, std::span<const Row> rows) {
  std::string text = fmt::format("## {}\n\n| what | how | tested in |\n|---|---|---|\n", title);
  for (const Row& row : rows)
    text += fmt::format("| {} | {} | {} |\n", row.what, row.how, Code(row.test));
  return text;
}

std::string Page() {
  return "# What runs\n\nMade from the code's own tables by `src/cli/supported_test.cc`; don't "
         "edit.\n\n" +
         Fixed("Formats", kFormats) + "\n" + Architectures() + "\n" + Types() + "\n" +
         Fixed("Tokenizers", kTokenizers) + "\n" + PreTokenizers();
}

class Supported : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kGoldenTest.file)) GTEST_SKIP() << "not run in the project's root";
  }
};

TEST_F(Supported, ThePageIsWhatTheCodeSays) {
  if (std::getenv("LEDGE_WRITE_DOCS") != nullptr) std::ofstream(kPage) << Page();
  EXPECT_TRUE(ReadSource(kPage) == Page())
      << kPage << " is out of date; see the top of " << __FILE__;
}

TEST_F(Supported, EveryRowHasATest) {
  for (const TypeInfo& info : AllTypes()) {
    if (FindPanelLayout(info.type) != nullptr) {
      EXPECT_TRUE(Exists(TypeTest(info))) << info.name;
    }
  }
  for (const TestName& test : {kGoldenTest, kTinyTest, kPreTest})
    EXPECT_TRUE(Exists(test)) << test.file;
  for (const auto& rows : {std::span<const Row>(kTokenizers), std::span<const Row>(kFormats)}) {
    for (const Row& row : rows) EXPECT_TRUE(Exists(row.test)) << row.what;
  }
  for (const HfFamily* family : AllHfFamilies()) {
    EXPECT_TRUE(std::ranges::any_of(AllArchitectures(), [&](const Architecture* architecture) {
      return architecture->name == family->architecture;
    })) << family->architecture;
  }
}

// What docs/adding-an-architecture.md shows is a file as it is.
TEST_F(Supported, TheExampleOfAnArchitectureIsOne) {
  const std::string guide = ReadSource("docs/adding-an-architecture.md");
  const std::string file = ReadSource("src/model/arch/qwen3.cc");
  ASSERT_FALSE(file.empty());
  EXPECT_NE(guide.find("```c++\n" + file + "```"), std::string::npos);
}

// Architectures of the golden models' GGUF files.
std::set<std::string> GoldenArchitectures(const std::string& folder) {
  std::set<std::string> golden;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string path = entry.path().string() + "/model-f32.gguf";
    if (!std::filesystem::exists(path)) continue;
    const std::string file = testing::ReadWholeFile(path);
    const auto bytes = std::as_bytes(std::span(file));
    const auto header = GgufHeader::Parse(bytes, bytes.size(), path);
    if (!header.ok()) continue;
    golden.insert(std::string(header->String("general.architecture").value_or("")));
  }
  return golden;
}

TEST_F(Supported, ArchitecturesAreGoldenOrTiny) {
  LEDGE_SHARED_OR_SKIP(folder, "data/golden");
  const std::set<std::string> golden = GoldenArchitectures(folder);
  for (const Architecture* architecture : AllArchitectures()) {
    EXPECT_TRUE(IsTiny(architecture->name) || golden.contains(std::string(architecture->name)))
        << architecture->name;
  }
}

// A folder of each family is held against PyTorch's numbers (hf/golden_test.cc), or must become a
// tiny model whose answers are another program's (hf/families_test.cc).
TEST_F(Supported, FoldersAreGoldenOrTiny) {
  LEDGE_SHARED_OR_SKIP(folder, "data/golden");
  std::set<std::string> tested = GoldenArchitectures(folder);
  for (const std::string_view name : testing::FamilyFolder::Names()) {
    tested.insert(testing::TinyModel(name).architecture());
  }
  for (const HfFamily* family : AllHfFamilies()) {
    EXPECT_TRUE(tested.contains(std::string(family->architecture))) << family->architecture;
  }
}

}  // namespace
}  // namespace ledge
