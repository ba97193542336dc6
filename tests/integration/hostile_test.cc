// Files that are not what they claim: every command refuses them with one line, quickly, in little
// memory, and leaves the store as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <functional>
#include <limits>

#include "testing/gguf_cases.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/program.h"

namespace ledge {
namespace {

using testing::Arguments;
using testing::AsText;
using testing::Failed;
using testing::Ledge;
using testing::LlamaSource;
using testing::LlamaSourceShape;
using testing::Outcome;
using testing::Refused;
using testing::Succeeded;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

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

std::string Repeated(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

struct BrokenModel {
  const char* name;
  std::function<void(LlamaSource&)> change;
};

// Well-formed GGUF, but not a model.
std::vector<BrokenModel> BrokenModels() {
  const auto count = [](const char* key, uint32_t number) {
    return [key, number](LlamaSource& m) { m.Number<uint32_t>(key, number); };
  };
  const auto real = [](const char* key, float number) {
    return [key, number](LlamaSource& m) { m.Number<float>(key, number); };
  };
  const auto norm = [](float value) {
    return [value](LlamaSource& m) {
      m.Tensor("output_norm.weight", TensorType::kF32, {32},
               Repeated(testing::GgufBuilder::Bytes(value), 32));
    };
  };
  const auto block = [](uint16_t scale) {
    return [scale](LlamaSource& m) {
      const std::string bits = testing::GgufBuilder::Bytes(scale);
      m.Tensor("output.weight", TensorType::kQ8_0, {32, 40},
               Repeated(bits + std::string(32, '\1'), 40));
    };
  };
  return {
      {"heads_0", count("llama.attention.head_count", 0)},
      {"heads_huge", count("llama.attention.head_count", UINT32_MAX)},
      {"heads_not_dividing", count("llama.attention.head_count", 5)},
      {"kv_heads_not_dividing", count("llama.attention.head_count_kv", 3)},
      {"kv_heads_huge", count("llama.attention.head_count_kv", UINT32_MAX)},
      {"kv_heads_0", count("llama.attention.head_count_kv", 0)},
      {"blocks_0", count("llama.block_count", 0)},
      {"blocks_huge", count("llama.block_count", UINT32_MAX)},
      {"blocks_million", count("llama.block_count", 1'000'000)},
      {"blocks_one_more", count("llama.block_count", 3)},
      {"width_0", count("llama.embedding_length", 0)},
      {"width_huge", count("llama.embedding_length", UINT32_MAX)},
      {"width_other", count("llama.embedding_length", 64)},
      {"feed_forward_0", count("llama.feed_forward_length", 0)},
      {"feed_forward_huge", count("llama.feed_forward_length", UINT32_MAX)},
      {"context_0", count("llama.context_length", 0)},
      {"rope_dimensions_huge", count("llama.rope.dimension_count", UINT32_MAX)},
      {"rope_dimensions_odd", count("llama.rope.dimension_count", 7)},
      {"key_length_huge", count("llama.attention.key_length", UINT32_MAX)},
      {"experts_huge", count("llama.expert_count", UINT32_MAX)},
      {"rope_base_0", real("llama.rope.freq_base", 0)},
      {"rope_base_negative", real("llama.rope.freq_base", -10000)},
      {"rope_base_infinite", real("llama.rope.freq_base", kInf)},
      {"rope_base_nan", real("llama.rope.freq_base", kNan)},
      {"epsilon_nan", real("llama.attention.layer_norm_rms_epsilon", kNan)},
      {"epsilon_negative", real("llama.attention.layer_norm_rms_epsilon", -1)},
      {"bos_outside", count("tokenizer.ggml.bos_token_id", 40)},
      {"eos_outside", count("tokenizer.ggml.eos_token_id", UINT32_MAX)},
      {"unknown_outside", count("tokenizer.ggml.unknown_token_id", 1U << 31)},
      {"eot_outside", count("tokenizer.ggml.eot_token_id", 1000)},
      {"weights_nan", norm(kNan)},
      {"weights_infinite", norm(-kInf)},
      {"scale_nan", block(0x7E00)},
      {"scale_infinite", block(0x7C00)},
      {"no_architecture", [](LlamaSource& m) { m.DropKey("general.architecture"); }},
      {"architecture_unknown",
       [](LlamaSource& m) { m.Text("general.architecture", "llama-of-tomorrow"); }},
      {"architecture_number",
       [](LlamaSource& m) { m.Number<uint32_t>("general.architecture", 1); }},
      {"no_embedding", [](LlamaSource& m) { m.DropTensor("token_embd.weight"); }},
      {"no_layer_tensor", [](LlamaSource& m) { m.DropTensor("blk.1.ffn_up.weight"); }},
      {"shape_swapped", [](LlamaSource& m) { m.Floats("blk.0.ffn_up.weight", {72, 32}); }},
      {"shape_wrong", [](LlamaSource& m) { m.Floats("blk.0.attn_k.weight", {32, 32}); }},
      {"no_epsilon", [](LlamaSource& m) { m.DropKey("llama.attention.layer_norm_rms_epsilon"); }},
  };
}

TEST(HostileFile, ModelsThatCannotBeAreRefused) {
  const Ledge ledge;
  for (const BrokenModel& broken : BrokenModels()) {
    SCOPED_TRACE(broken.name);
    LlamaSource source;
    broken.change(source);
    const std::string path = ledge.folder().Write("model.gguf", AsText(source.Build()));
    for (const Arguments& arguments : {Arguments{"run", path, "hi", "-n", "2", "--raw"},
                                       {"run", path, "--no-store", "--raw", "-n", "2", "hi"},
                                       {"logits", path, "--ids", "1,2"},
                                       {"bench", path, "-p", "4", "-n", "2", "-r", "1"}}) {
      EXPECT_TRUE(Refused(ledge.Run(arguments), 3)) << arguments[0];
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
  for (const char* name : {"weights_nan", "weights_infinite", "scale_nan", "scale_infinite",
                           "bos_outside", "eos_outside", "rope_base_0", "rope_base_nan",
                           "rope_base_infinite", "rope_base_negative"}) {
    SCOPED_TRACE(name);
    const Ledge ledge;
    for (const BrokenModel& broken : BrokenModels()) {
      if (std::string_view(broken.name) != name) continue;
      LlamaSource source;
      broken.change(source);
      const std::string path = ledge.folder().Write("model.gguf", AsText(source.Build()));
      EXPECT_TRUE(Refused(ledge.Run({"import", path}), 3, path));
      EXPECT_TRUE(ledge.Files().empty());
    }
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
  EXPECT_TRUE(Refused(ledge.Run({"run", path, "ab", "-n", "2"}), 3, "chat_template"));
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
