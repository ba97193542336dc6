// Files that are not what they claim: every command refuses them with one line, quickly, in little
// memory, and leaves the store as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <set>

#include "testing/gguf_cases.h"
#include "testing/llama_source.h"
#include "testing/model_cases.h"
#include "testing/packing.h"
#include "testing/program.h"

namespace ledge {
namespace {

using testing::Arguments;
using testing::AsText;
using testing::BrokenModels;
using testing::Failed;
using testing::Ledge;
using testing::LlamaSource;
using testing::ModelCase;
using testing::Outcome;
using testing::Refused;
using testing::Succeeded;

std::vector<Arguments> AllWaysToOpen(const std::string& path) {
  return {{"inspect", path}, {"import", path}, {"run", path, "hi", "-n", "2"}, {"tokenize", path}};
}

TEST(HostileFile, BrokenHeadersAreRefusedByEveryCommand) {
  const Ledge ledge;
  for (const auto& broken : testing::BrokenGgufs()) {
    SCOPED_TRACE(broken.name);
    const std::string path = ledge.folder().Write("broken.gguf", AsText(broken.bytes));
    for (const Arguments& arguments : AllWaysToOpen(path)) {
      SCOPED_TRACE(arguments[0]);
      const Outcome done = ledge.Run(arguments);
      EXPECT_TRUE(Refused(done, 3));
      EXPECT_EQ(done.out, "");
    }
    EXPECT_TRUE(ledge.Files().empty());
  }
}

// Such a file runs, but not without a word.
TEST(UnclearFile, WithoutAPreTokenizerIsWarnedOf) {
  const Ledge ledge;
  LlamaSource source;
  source.Text("tokenizer.ggml.model", "gpt2").Texts("tokenizer.ggml.merges", {"a b"});
  const std::string path = ledge.folder().Write("model.gguf", AsText(source.Build()));
  for (const Arguments& arguments :
       {Arguments{"run", path, "--raw", "-n", "1", "ab"}, {"tokenize", path}}) {
    const Outcome done = ledge.Run(arguments, {.input = "ab"});
    EXPECT_TRUE(Succeeded(done)) << arguments[0];
    EXPECT_THAT(done.err, ::testing::HasSubstr("names no pre-tokenizer")) << arguments[0];
  }
}

std::string Repeated(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(HostileFile, ModelsThatCannotBeAreRefused) {
  const Ledge ledge;
  for (const ModelCase& broken : BrokenModels()) {
    SCOPED_TRACE(broken.name);
    const std::string path = ledge.folder().Write("model.gguf", AsText(broken.bytes));
    for (const Arguments& arguments : {Arguments{"run", path, "hi", "-n", "2", "--raw"},
                                       {"run", path, "--no-store", "--raw", "-n", "2", "hi"},
                                       {"logits", path, "--ids", "1,2"},
                                       {"bench", path, "-p", "4", "-n", "2", "-r", "1"}}) {
      EXPECT_TRUE(Refused(ledge.Run(arguments), 3, broken.words)) << arguments[0];
    }
    // A file that can't be run may be looked at.
    const Outcome inspected = ledge.Run({"inspect", path});
    EXPECT_TRUE(Succeeded(inspected) || Refused(inspected, 3));
    const Outcome tokenized = ledge.Run({"tokenize", path}, {.input = "ab"});
    EXPECT_TRUE(Succeeded(tokenized) || Refused(tokenized, 3));
    // Importing may keep what only another build can run, but nothing that is malformed in its
    // contents.
    const Outcome imported = ledge.Run({"import", path});
    EXPECT_TRUE(Succeeded(imported) || Refused(imported, 3));
    if (imported.status != 0) {
      EXPECT_TRUE(ledge.Files().empty() || ledge.PackedFiles().size() == 1);
    }
    std::filesystem::remove_all(ledge.home());
  }
}

TEST(HostileFile, BadContentsLeaveNothingInTheStore) {
  const std::set<std::string> contents = {
      "weights_nan",        "weights_infinite",  "scale_nan",   "scale_infinite",
      "bos_outside",        "eos_outside",       "rope_base_0", "rope_base_nan",
      "rope_base_infinite", "rope_base_negative"};
  size_t tried = 0;
  for (const ModelCase& broken : BrokenModels()) {
    if (!contents.contains(broken.name)) continue;
    SCOPED_TRACE(broken.name);
    const Ledge ledge;
    const std::string path = ledge.folder().Write("model.gguf", AsText(broken.bytes));
    EXPECT_TRUE(Refused(ledge.Run({"import", path}), 3, path));
    EXPECT_TRUE(ledge.Files().empty());
    ++tried;
  }
  EXPECT_EQ(tried, contents.size());
}

// Such a file may be kept, but what needs its tokenizer says what it has and what is known.
TEST(HostileFile, UnknownTokenizersAreNamed) {
  const Ledge ledge;
  for (const auto& [key, value, words] :
       {std::array{"tokenizer.ggml.model", "runes", "\"runes\"; supported are \"llama\""},
        {"tokenizer.ggml.pre", "pre-of-tomorrow",
         "\"pre-of-tomorrow\"; supported are default, gpt-2"}}) {
    LlamaSource source;
    source.Text("tokenizer.ggml.model", "gpt2").Texts("tokenizer.ggml.merges", {"a b"});
    source.Text(key, value);
    const std::string path = ledge.folder().Write("model.gguf", AsText(source.Build()));
    for (const Arguments& arguments : {Arguments{"run", path, "hi", "-n", "2", "--raw"},
                                       {"run", path, "--no-store", "--raw", "-n", "2", "hi"},
                                       {"tokenize", path}}) {
      const Outcome done = ledge.Run(arguments);
      EXPECT_TRUE(Refused(done, 3, words)) << arguments[0];
      EXPECT_THAT(done.err, ::testing::HasSubstr(path)) << arguments[0];
    }
    // Nothing is packed that can't be used then.
    EXPECT_TRUE(ledge.Files().empty());
    EXPECT_TRUE(Succeeded(ledge.Run({"logits", path, "--ids", "1,2"})));
    // Once it is in the store it is called by its file.
    EXPECT_TRUE(
        Refused(ledge.Run({"run", path, "hi", "-n", "2"}), 3, "model.gguf: tokenizer.ggml"));
    const Outcome imported = ledge.Run({"import", path, "--name", "kept"});
    EXPECT_TRUE(Succeeded(imported));
    EXPECT_THAT(imported.err, ::testing::HasSubstr(words));
    EXPECT_TRUE(Refused(ledge.Run({"run", "kept", "hi", "-n", "2"}), 3, "kept (model.gguf): "));
    std::filesystem::remove_all(ledge.home());
  }
}

TEST(HostileFile, TruncatedAnywhereIsRefused) {
  const Ledge ledge;
  const std::string whole(AsText(LlamaSource().Build()));
  for (size_t i = 0; i < 24; ++i) {
    const size_t size = i < 8 ? i * 5 : whole.size() * (i - 7) / 17 - 1;
    SCOPED_TRACE(size);
    const std::string path = ledge.folder().Write("cut.gguf", whole.substr(0, size));
    EXPECT_TRUE(Refused(ledge.Run({"import", path}), 3));
    EXPECT_TRUE(Refused(ledge.Run({"run", path, "--raw", "hi"}), 3));
    EXPECT_TRUE(ledge.Files().empty());
  }
}

TEST(HostileFile, FoldersDevicesAndPipesAreNoModels) {
  const Ledge ledge;
  const std::string pipe = ledge.folder() / "pipe.gguf";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string empty = ledge.folder().Write("empty.gguf", "");
  for (const std::string& path :
       {ledge.folder().path(), std::string("/dev/zero"), std::string("/dev/null"), pipe, empty}) {
    for (const Arguments& arguments : AllWaysToOpen(path)) {
      SCOPED_TRACE(arguments[0] + " " + path);
      EXPECT_TRUE(Refused(ledge.Run(arguments), 3));
    }
  }
  EXPECT_TRUE(ledge.Files().empty());
}

TEST(HostileFile, ATebibyteOfHolesCostsNothing) {
  const Ledge ledge;
  const std::string holes = ledge.folder().Write("holes.gguf", "");
  constexpr uint64_t kTebibyte = uint64_t{1} << 40;
  // A header whose one tensor fills the file, and that is no llama.
  testing::GgufBuilder builder;
  builder.String("general.architecture", "llama");
  builder.Tensor({"w", 24, {uint64_t{1} << 20, uint64_t{1} << 19}, "", {}, {}});
  const std::string claims = ledge.folder().Write("claims.gguf", AsText(builder.Build()));
  std::error_code failed;
  std::filesystem::resize_file(holes, kTebibyte, failed);
  if (!failed) std::filesystem::resize_file(claims, kTebibyte, failed);
  if (failed) GTEST_SKIP() << "the file system holds no file of 1 TiB: " << failed.message();
  for (const Arguments& arguments : AllWaysToOpen(holes))
    EXPECT_TRUE(Refused(ledge.Run(arguments), 3)) << arguments[0];
  EXPECT_TRUE(Refused(ledge.Run({"run", claims, "hi"}), 3));
  EXPECT_TRUE(Refused(ledge.Run({"tokenize", claims}), 3));
  const Outcome inspected = ledge.Run({"inspect", claims});
  EXPECT_TRUE(Succeeded(inspected));
  EXPECT_LT(inspected.seconds, testing::kRefusalSeconds);
  EXPECT_TRUE(ledge.Files().empty());
}

TEST(HostileFile, ThatShrinksOrGrowsWhileItIsImportedIsNotStoredHalf) {
  const Ledge ledge;
  const std::string whole = ledge.folder() / "whole.gguf";
  const std::string path = ledge.folder() / "moving.gguf";
  ASSERT_TRUE(Succeeded(ledge.Run({"synth", "--shape", "160m", "--type", "q4_0", "-o", whole})));
  for (const int delay_ms : {2, 10, 25, 60}) {
    SCOPED_TRACE(delay_ms);
    std::filesystem::copy_file(whole, path, std::filesystem::copy_options::overwrite_existing);
    const auto child = ledge.Start({"import", path, "--name", "moving"});
    ::usleep(static_cast<useconds_t>(delay_ms) * 1000);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 3);
    const Outcome done = child->Wait();
    EXPECT_TRUE(done.status == 0 || Failed(done, 1) || Failed(done, 3)) << Shown(done);
    if (done.status == 0) {
      EXPECT_TRUE(Succeeded(ledge.Run({"verify", "moving"})));
      EXPECT_TRUE(Succeeded(ledge.Run({"rm", "moving"})));
    }
    for (const auto& [file, contents] : ledge.Files())
      EXPECT_TRUE(file.starts_with("stamps/")) << file;
  }
}

class HostileTemplate : public ::testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(HostileTemplate, IsRefusedByName) {
  const Ledge ledge;
  LlamaSource source;
  source.Text("tokenizer.chat_template", GetParam().second);
  const std::string path = ledge.folder().Write("model.gguf", AsText(source.Build()));
  EXPECT_TRUE(Refused(ledge.Run({"run", path, "ab", "-n", "2"}), 3,
                      "tokenizer.chat_template of model.gguf"));
  // Where no template is used it doesn't matter.
  EXPECT_TRUE(Succeeded(ledge.Run({"run", path, "--raw", "ab", "-n", "2"})));
  EXPECT_TRUE(Succeeded(ledge.Run({"run", path, "--chat-template", "chatml", "ab", "-n", "0"})));
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileTemplate,
    ::testing::Values(std::pair("endless_range", "{% for i in range(10**9) %}{% endfor %}"),
                      std::pair("endless_output",
                                "{% for i in range(1000000) %}{{ 'x' * 1000 }}{% endfor %}"),
                      std::pair("nested_loops", Repeated("{% for i in range(10000) %}", 8) + "x" +
                                                    Repeated("{% endfor %}", 8)),
                      std::pair("recursion", "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}"),
                      std::pair("doubling",
                                "{% set ns = namespace(s='x') %}{% for i in range(64) %}{% set "
                                "ns.s = ns.s + ns.s %}{% endfor %}"),
                      std::pair("braces", std::string(2'000'000, '{')),
                      std::pair("parentheses", "{{ " + std::string(1'000'000, '(')),
                      std::pair("not", "{{ " + Repeated("not ", 300'000) + "1 }}"),
                      std::pair("ifs", Repeated("{% if 1 %}", 100'000)),
                      std::pair("unclosed", "{% for m in messages %}"),
                      std::pair("escapes", "{{ \x1b[2J }}")),
    [](const auto& test) { return test.param.first; });

}  // namespace
}  // namespace ledge
