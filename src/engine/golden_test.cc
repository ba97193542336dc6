// Golden models: logits, likelihoods and greedy tokens that PyTorch computed
// (../shared/data/golden).
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/logits.h"
#include "testing/loaded_model.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"

namespace ledge {
namespace {

using Json = nlohmann::json;
using testing::NativeBench;

constexpr const char* kModels[] = {"llama", "llama-rope3", "llama-linear", "llama-yarn"};
constexpr uint32_t kGreedyTokens = 32;

struct Distance {
  double logits = 0;  // largest
  double nll = 0;     // of the mean
  double nll_mean = 0;
  int greedy = 0;  // tokens that agree
};

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

Result<Distance> Compare(Executor& executor, const Json& prompt) {
  const auto ids = prompt["ids"].get<std::vector<Token>>();
  LEDGE_TRY(const LogitsReport report, ComputeLogits(executor, ids, kGreedyTokens, StopFlag()));
  Distance distance;
  const auto logits = prompt["last_logits"].get<std::vector<float>>();
  for (size_t i = 0; i < logits.size(); ++i) {
    distance.logits =
        std::max(distance.logits, std::fabs(double{logits[i]} - double{report.logits[i]}));
  }
  distance.nll_mean = prompt["nll_mean"].get<double>();
  distance.nll = std::fabs(Mean(report.nll) - distance.nll_mean);
  const auto greedy = prompt["greedy"].get<std::vector<Token>>();
  for (size_t i = 0; i < greedy.size(); ++i)
    distance.greedy += greedy[i] == report.greedy[i] ? 1 : 0;
  return distance;
}

class GoldenTest : public ::testing::TestWithParam<std::tuple<const char*, const Kernels*>> {
 protected:
  // Calls check(distance) for both prompts; `prompts` are golden.json's or a quantised file's.
  template <typename F>
  void Check(const std::string& gguf, const Json& prompts, KvType kv_type, F&& check) {
    ASSERT_OK_AND_ASSIGN(auto model, testing::LoadModel(gguf));
    NativeBench bench(model);
    ASSERT_OK_AND_ASSIGN(
        Executor * executor,
        bench.Make({.kv_type = kv_type, .max_columns = 64, .kernels = std::get<1>(GetParam())}));
    ASSERT_FALSE(prompts.empty());
    for (const Json& prompt : prompts) {
      ASSERT_OK_AND_ASSIGN(const Distance distance, Compare(*executor, prompt));
      check(distance);
    }
  }
  std::string Name(const std::string& file) const {
    return std::string("data/golden/") + std::get<0>(GetParam()) + "/" + file;
  }
  static Json Read(const std::string& path) { return Json::parse(std::ifstream(path)); }
};

TEST_P(GoldenTest, FloatsThroughoutAreExact) {
  LEDGE_SHARED_OR_SKIP(gguf, Name("model-f32.gguf"));
  LEDGE_SHARED_OR_SKIP(golden, Name("golden.json"));
  Check(gguf, Read(golden)["prompts"], KvType::kF32, [](const Distance& distance) {
    EXPECT_LE(distance.logits, 1e-3);
    EXPECT_LE(distance.nll, 1e-5 * distance.nll_mean);
    EXPECT_EQ(distance.greedy, 32);
  });
}

TEST_P(GoldenTest, AHalfPrecisionCacheIsClose) {
  LEDGE_SHARED_OR_SKIP(gguf, Name("model-f32.gguf"));
  LEDGE_SHARED_OR_SKIP(golden, Name("golden.json"));
  Check(gguf, Read(golden)["prompts"], KvType::kF16, [](const Distance& distance) {
    EXPECT_LE(distance.logits, 0.05);
    EXPECT_LE(distance.nll, 1e-3);
    EXPECT_EQ(distance.greedy, 32);
  });
}

TEST_P(GoldenTest, AnEightBitCacheIsNear) {
  LEDGE_SHARED_OR_SKIP(gguf, Name("model-f32.gguf"));
  LEDGE_SHARED_OR_SKIP(golden, Name("golden.json"));
  Check(gguf, Read(golden)["prompts"], KvType::kQ8,
        [](const Distance& distance) { EXPECT_LE(distance.nll, 0.05); });
}

TEST_P(GoldenTest, QuantisedWeightsAreNear) {
  LEDGE_SHARED_OR_SKIP(golden, Name("golden.json"));
  int files = 0;
  for (const std::string type : {"q8_0", "q4_k_m"}) {
    const auto gguf = testing::SharedPath(Name("model-" + type + ".gguf"));
    if (!gguf) continue;
    ++files;
    const Json prompts = Read(golden)["quantized"][type]["prompts"];
    for (const KvType kv_type : {KvType::kF16, KvType::kF32}) {
      Check(*gguf, prompts, kv_type,
            [&](const Distance& distance) { EXPECT_LE(distance.nll, 0.05) << type; });
    }
  }
  EXPECT_GT(files, 0);
}

std::vector<const Kernels*> AllKernels() {
  return {RunnableKernels().begin(), RunnableKernels().end()};
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenTest,
                         ::testing::Combine(::testing::ValuesIn(kModels),
                                            ::testing::ValuesIn(AllKernels())),
                         [](const auto& test) {
                           std::string name = std::get<0>(test.param);
                           std::erase(name, '-');
                           return name + "_" + std::string(std::get<1>(test.param)->name);
                         });

}  // namespace
}  // namespace ledge
