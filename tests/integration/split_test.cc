// A GGUF file in parts is one model, whichever of them is named.
#include <gtest/gtest.h>

#include <array>

#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/program.h"
#include "testing/split_files.h"

namespace ledge {
namespace {

using testing::AsText;
using testing::JsonOf;
using testing::Ledge;
using testing::LlamaSource;
using testing::Outcome;
using testing::Refused;
using testing::SplitPart;
using testing::Succeeded;

class SplitFile : public ::testing::Test {
 protected:
  SplitFile() {
    whole_ = ledge_.folder().Write("whole.gguf", AsText(source_));
    const size_t count = GgufHeader::Parse(source_, source_.size(), "whole")->tensors().size();
    const auto promised = static_cast<int32_t>(count);
    parts_ = {
        ledge_.folder().Write("m-00001-of-00002.gguf",
                              SplitPart(source_, {0, 5, 0, 2, promised, true})),
        ledge_.folder().Write("m-00002-of-00002.gguf",
                              SplitPart(source_, {5, count, 1, 2, promised, false})),
    };
  }

  Ledge ledge_;
  std::vector<std::byte> source_ = LlamaSource().Build();
  std::string whole_;
  std::array<std::string, 2> parts_;
};

TEST_F(SplitFile, IsLookedAtAsAWhole) {
  const auto whole = JsonOf(ledge_.Run({"inspect", whole_, "--json", "--tensors"}));
  const std::string ids = ledge_.Run({"tokenize", whole_}, {.input = "ab"}).out;
  for (const std::string& part : parts_) {
    const auto shown = JsonOf(ledge_.Run({"inspect", part, "--json", "--tensors"}));
    EXPECT_EQ(shown["runnable"], true) << shown["problem"];
    for (const char* field : {"parameters", "memory", "model", "tensors"})
      EXPECT_EQ(shown[field], whole[field]) << field;
    const Outcome tokenized = ledge_.Run({"tokenize", part}, {.input = "ab"});
    EXPECT_TRUE(Succeeded(tokenized));
    EXPECT_EQ(tokenized.out, ids);
  }
  EXPECT_TRUE(ledge_.Files().empty());
}

TEST_F(SplitFile, AnswersLikeTheFileThatWasSplit) {
  const std::string answer = ledge_.Run({"logits", whole_, "--ids", "1,2,3"}).out;
  for (const std::string& part : parts_) {
    const Outcome done = ledge_.Run({"logits", part, "--ids", "1,2,3"});
    EXPECT_TRUE(Succeeded(done));
    EXPECT_EQ(done.out, answer);
  }
}

TEST_F(SplitFile, WithoutAPartIsNamedByEveryCommand) {
  std::filesystem::remove(parts_[1]);
  for (const char* command : {"inspect", "import", "tokenize", "run"}) {
    EXPECT_TRUE(Refused(ledge_.Run({command, parts_[0]}, {.input = "ab"}), 4,
                        "m-00002-of-00002.gguf: is missing"))
        << command;
  }
  EXPECT_TRUE(ledge_.PackedFiles().empty());
}

}  // namespace
}  // namespace ledge
