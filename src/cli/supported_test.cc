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
#include "testing/family_folders.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"
#include "testing/temp_dir.h"
#include "testing/tiny_models.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace {

constexpr char kPage[] = "docs/supported.md";
constexpr char kGoldenTest[] = "src/engine/golden_test.cc";
constexpr char kTinyTest[] = "src/engine/architectures_test.cc";

std::string ReadSource(const std::string& path) { return testing::ReadWholeFile(path); }

// The first of the files that has one of the words in it; empty if none has.
std::string FileWith(const std::vector<std::string>& files, const std::vector<std::string>& words) {
  for (const std::string& file : files) {
    const std::string text = ReadSource(file);
    for (const std::string& word : words) {
      if (text.find(word) != std::string::npos) return file;
    }
  }
  return "";
}

std::string Code(std::string_view text) { return fmt::format("`{}`", text); }

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

std::string TypeTest(const TypeInfo& info) {
  std::string name(info.name);
  return FileWith({"src/quant/quant_test.cc", "src/quant/quant_blocks_test_data.h",
                   "src/quant/quant_vectors_test_data.h"},
                  {"k" + name + ",", "k" + name + ")", "k" + name + "}"});
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

std::string PreTokenizerTest(const PreTokenizer& pre) {
  std::vector<std::string> words;
  for (const std::string_view name : pre.names) words.push_back(fmt::format("\"{}\"", name));
  return FileWith({"src/tokenizer/pre/pre_tokenizer_test.cc"}, words);
}

std::string PreTokenizers() {
  std::string rows;
  for (const PreTokenizer* pre : AllPreTokenizers()) {
    std::string others;
    for (const std::string_view name : pre->names.subspan(1)) {
      others += fmt::format("{}{}", others.empty() ? "" : ", ", Code(name));
    }
    rows += fmt::format("| {} | {} | {} |\n", Code(pre->names[0]), others,
                        Code(PreTokenizerTest(*pre)));
  }
  return "## Pre-tokenizers\n\n`tokenizer.ggml.pre`, where `tokenizer.ggml.model` is `gpt2`, "
         "`gemma4` or "
         "`whitespace`.\n\n| name | the same | tested in |\n|---|---|---|\n" +
         rows;
}

struct Row {
  const char* what;
  const char* how;
  const char* test;
};
constexpr Row kTokenizers[] = {
    {"`llama`", "SentencePiece BPE, byte fallback", "src/tokenizer/reference_test.cc"},
    {"`gpt2`, `gemma4`, `whitespace`", "BPE by rank", "src/tokenizer/reference_test.cc"},
    {"`bert`", "WordPiece", "src/tokenizer/reference_test.cc"},
    {"`t5`", "Unigram with its character map", "src/tokenizer/tokenizer_test.cc"},
};
constexpr Row kFormats[] = {
    {"GGUF, versions 2 and 3", "little-endian", "src/gguf/gguf_test.cc"},
    {"GGUF in parts", "`-00001-of-00003.gguf`, in one folder", "src/pack/split_source_test.cc"},
    {"folder of safetensors", "one file or shards with their index", "src/hf/golden_test.cc"},
    {"`tokenizer.json`", "BPE, byte-level or with byte fallback, WordPiece and Unigram",
     "src/tokenizer/hf_json_test.cc"},
    {"its normalizers", "NFC, NFD, NFKC, NFKD, precompiled character maps; `lstrip` and `rstrip`",
     "src/tokenizer/hf_rules_test.cc"},
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
    if (!std::filesystem::exists(kGoldenTest)) GTEST_SKIP() << "not run in the project's root";
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
      EXPECT_NE(TypeTest(info), "") << info.name;
    }
  }
  for (const PreTokenizer* pre : AllPreTokenizers()) {
    EXPECT_NE(PreTokenizerTest(*pre), "") << pre->names[0];
  }
  for (const auto& rows : {std::span<const Row>(kTokenizers), std::span<const Row>(kFormats)}) {
    for (const Row& row : rows) EXPECT_TRUE(std::filesystem::exists(row.test)) << row.test;
  }
  for (const HfFamily* family : AllHfFamilies()) {
    EXPECT_TRUE(std::ranges::any_of(AllArchitectures(), [&](const Architecture* architecture) {
      return architecture->name == family->architecture;
    })) << family->architecture;
  }
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
