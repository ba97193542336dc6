// The program on CPUs that this machine is not: qemu-user runs it with an older one's instructions,
// where anything newer is an illegal instruction, and the tokens must be those of this machine's
// reference kernels.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <sstream>

#include "kernels/random_weights.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/program.h"
#include "testing/shared_data.h"

namespace ledge {
namespace {

using nlohmann::json;
using testing::AsText;
using testing::JsonOf;
using testing::Ledge;
using testing::LlamaSource;
using testing::Outcome;
using testing::RunOptions;
using testing::Succeeded;

// A CPU by qemu's name; the kernels of this machine that compute the same bits, and ones that do
// not.
struct Cpu {
  const char* name;
  const char* twin;
  const char* other;
};

class OldCpu : public ::testing::TestWithParam<Cpu> {};

INSTANTIATE_TEST_SUITE_P(Cpus, OldCpu,
                         ::testing::Values(Cpu{"qemu64", "unfused", "scalar"},    // SSE 3
                                           Cpu{"Nehalem", "unfused", "scalar"},   // SSE 4.2
                                           Cpu{"Haswell", "scalar", "unfused"}),  // AVX2, FMA
                         [](const auto& test) { return std::string(test.param.name); });

// The emulator's path; empty where it is not installed or of no use.
std::string Qemu() {
#if defined(__x86_64__) && !defined(LEDGE_SANITIZED)
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = folder + "/qemu-x86_64";
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
#endif
  return "";
}

#define LEDGE_QEMU_OR_SKIP(variable)                                                          \
  const std::string variable = Qemu();                                                        \
  if (variable.empty())                                                                       \
  GTEST_SKIP() << "needs qemu-x86_64 (Debian package qemu-user) and an x86-64 build without " \
                  "sanitizers"

RunOptions On(const std::string& qemu, const char* cpu) {
  return {.emulator = {qemu, "-cpu", cpu}, .limit_seconds = 300};
}
RunOptions With(const char* kernels) { return {.env = {{"LEDGE_ISA", kernels}}}; }

// Two layers whose matrices have all the types there are kernels for.
std::string MixedModel() {
  constexpr uint32_t kWidth = 256, kForward = 512;
  LlamaSource source(
      {.width = kWidth, .heads = 4, .kv_heads = 2, .head_dim = 64, .feed_forward = kForward});
  source.Number<uint32_t>("llama.context_length", 512);
  uint32_t seed = 0;
  const auto replace = [&](const std::string& name, TensorType type, uint32_t rows, uint32_t cols) {
    const Weights w = RandomWeights(type, rows, cols, ++seed);
    source.Tensor(name, type, {cols, rows},
                  std::string(reinterpret_cast<const char*>(w.source.data()), w.source.size()));
  };
  for (const std::string block : {"blk.0.", "blk.1."}) {
    const bool first = block == "blk.0.";
    replace(block + "attn_q.weight", TensorType::kQ4_0, 256, kWidth);
    replace(block + "attn_k.weight", TensorType::kQ8_0, 128, kWidth);
    replace(block + "attn_v.weight", TensorType::kQ6_K, 128, kWidth);
    replace(block + "attn_output.weight", TensorType::kQ4_K, kWidth, 256);
    replace(block + "ffn_gate.weight", first ? TensorType::kQ4_1 : TensorType::kBF16, kForward,
            kWidth);
    replace(block + "ffn_up.weight", first ? TensorType::kF16 : TensorType::kQ4_0, kForward,
            kWidth);
    replace(block + "ffn_down.weight", TensorType::kQ4_K, kWidth, kForward);
  }
  return std::string(AsText(source.Build()));
}

// Prompt ids, and what `logits` answers to them. Likelihoods are left out: they pass through the C
// library's logarithm, which chooses instructions of its own.
json LogitsOf(const Ledge& ledge, const std::string& path, const char* kv_type,
              const RunOptions& options) {
  std::vector<int> ids(90);
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int>(3 + i * i % 37);
  const Outcome done = ledge.Run({"logits", path, "--ids", json(ids).dump(), "-n", "16",
                                  "--kv-type", kv_type, "--threads", "2"},
                                 options);
  EXPECT_TRUE(Succeeded(done));
  json report = JsonOf(done);
  report.erase("nll");
  return report;
}

TEST_P(OldCpu, GivesTheBitsOfItsReference) {
  LEDGE_QEMU_OR_SKIP(qemu);
  const Ledge ledge;
  const std::string path = ledge.folder().Write("mixed.gguf", MixedModel());
  for (const char* kv_type : {"f16", "q8", "f32"}) {
    const json native = LogitsOf(ledge, path, kv_type, With(GetParam().twin));
    EXPECT_EQ(native["greedy"].size(), 16U);
    EXPECT_NE(LogitsOf(ledge, path, kv_type, With(GetParam().other)), native) << "sees nothing";
    EXPECT_EQ(LogitsOf(ledge, path, kv_type, On(qemu, GetParam().name)), native) << kv_type;
  }
}

TEST_P(OldCpu, ContinuesAsThisMachineDoes) {
  LEDGE_QEMU_OR_SKIP(qemu);
  LEDGE_SHARED_OR_SKIP(path, "data/models/quant/TinyStories-656K-Q8_0.gguf");
  const Ledge ledge;
  const testing::Arguments run = {"run", path, "--raw",  "--temperature",   "0",
                                  "-n",  "40", "--json", "Once upon a time"};
  json native = JsonOf(ledge.Run(run, With(GetParam().twin)));
  json emulated = JsonOf(ledge.Run(run, On(qemu, GetParam().name)));
  EXPECT_EQ(native["ids"].size(), 40U);
  EXPECT_EQ(emulated["ids"], native["ids"]);
  EXPECT_EQ(emulated["text"], native["text"]);
}

}  // namespace
}  // namespace ledge
