// Golden models: logits, likelihoods, greedy tokens and embeddings that PyTorch computed
// (../shared/data/golden, INDEX.tsv).
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "engine/embedding.h"
#include "engine/logits.h"
#include "testing/loaded_model.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"

namespace ledge {
namespace {

using Json = nlohmann::json;
using testing::NativeBench;

constexpr uint32_t kGreedyTokens = 32;
constexpr char kFolder[] = "data/golden/";

// Names in INDEX.tsv; one that says so where the file is absent.
std::vector<std::string> Models() {
  const auto index = testing::SharedPath(std::string(kFolder) + "INDEX.tsv");
  if (!index) return {"absent"};
  std::vector<std::string> names;
  std::ifstream file(*index);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) names.push_back(line.substr(0, line.find('\t')));
  return names;
}

struct Distance {
  double logits = 0;  // largest
  double nll = 0;     // of the mean
  double nll_mean = 0;
  double correlation = 0;  // of the last logits
  int greedy = 0;          // tokens that agree
};

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double Correlation(const std::vector<float>& a, const std::vector<float>& b) {
  const double mean_a = Mean({a.begin(), a.end()});
  const double mean_b = Mean({b.begin(), b.end()});
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double da = double{a[i]} - mean_a;
    const double db = double{b[i]} - mean_b;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab / std::sqrt(aa * bb);
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
  distance.correlation = Correlation(logits, report.logits);
  distance.nll_mean = prompt["nll_mean"].get<double>();
  distance.nll = std::fabs(Mean(report.nll) - distance.nll_mean);
  const auto greedy = prompt["greedy"].get<std::vector<Token>>();
  for (size_t i = 0; i < greedy.size(); ++i)
    distance.greedy += greedy[i] == report.greedy[i] ? 1 : 0;
  return distance;
}

class GoldenTest : public ::testing::TestWithParam<std::tuple<std::string, const Kernels*>> {
 protected:
  const std::string& model() const { return std::get<0>(GetParam()); }
  bool encoder() const { return model() == "bert"; }
  bool experts() const { return model().starts_with("mixtral") || model().ends_with("-moe"); }
  std::string Name(const std::string& file) const { return kFolder + model() + "/" + file; }
  static Json Read(const std::string& path) { return Json::parse(std::ifstream(path)); }
  // What the GGUF file stands for, where that differs from the safetensors file.
  static Json Prompts(const Json& golden) {
    return golden.contains("gguf_prompts") ? golden["gguf_prompts"] : golden["prompts"];
  }

  // Calls check(distance) for each prompt. A sequence has just the room it needs, since that is
  // what chooses LongRoPE's factors.
  template <typename F>
  void Check(const std::string& gguf, const Json& prompts, KvType kv_type, F&& check) {
    ASSERT_OK_AND_ASSIGN(auto loaded, testing::LoadModel(gguf));
    NativeBench bench(loaded);
    ASSERT_FALSE(prompts.empty());
    for (const Json& prompt : prompts) {
      const auto context = static_cast<uint32_t>(prompt["ids"].size()) + kGreedyTokens;
      ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.kv_type = kv_type,
                                                            .max_columns = 64,
                                                            .max_context = context,
                                                            .kernels = std::get<1>(GetParam())}));
      ASSERT_OK_AND_ASSIGN(const Distance distance, Compare(*executor, prompt));
      check(distance);
    }
  }

  // The largest distance of an embedding's values, over both prompts.
  void CheckEmbeddings(const std::string& gguf, const Json& prompts, double tolerance) {
    ASSERT_OK_AND_ASSIGN(auto loaded, testing::LoadModel(gguf));
    NativeBench bench(loaded);
    ASSERT_OK_AND_ASSIGN(Executor * executor,
                         bench.Make({.kv_type = KvType::kF32, .kernels = std::get<1>(GetParam())}));
    for (const Json& prompt : prompts) {
      const auto ids = prompt["ids"].get<std::vector<Token>>();
      const auto golden = prompt["embedding"].get<std::vector<float>>();
      ASSERT_OK_AND_ASSIGN(const std::vector<float> embedding,
                           ComputeEmbedding(*executor, ids, StopFlag()));
      ASSERT_EQ(embedding.size(), golden.size());
      for (size_t i = 0; i < golden.size(); ++i)
        EXPECT_NEAR(double{embedding[i]}, double{golden[i]}, tolerance);
    }
  }
};

TEST_P(GoldenTest, FloatsThroughoutAreExact) {
  LEDGE_SHARED_OR_SKIP(gguf, Name("model-f32.gguf"));
  LEDGE_SHARED_OR_SKIP(golden, Name("golden.json"));
  if (encoder()) return CheckEmbeddings(gguf, Read(golden)["prompts"], 1e-3);
  Check(gguf, Prompts(Read(golden)), KvType::kF32, [](const Distance& distance) {
    EXPECT_LE(distance.logits, 1e-3);
    EXPECT_LE(distance.nll, 1e-5 * distance.nll_mean);
    EXPECT_EQ(distance.greedy, 32);
  });
}

// The folder has what config.json says, a sliding window that the GGUF file lacks included.
TEST_P(GoldenTest, FromTheFolderFloatsAreExact) {
  LEDGE_SHARED_OR_SKIP(folder, kFolder + model());
  LEDGE_SHARED_OR_SKIP(golden, Name("golden.json"));
  if (encoder()) return CheckEmbeddings(folder, Read(golden)["prompts"], 1e-3);
  Check(folder, Read(golden)["prompts"], KvType::kF32, [](const Distance& distance) {
    EXPECT_LE(distance.logits, 1e-3);
    EXPECT_LE(distance.nll, 1e-5 * distance.nll_mean);
    EXPECT_EQ(distance.greedy, 32);
  });
}

TEST_P(GoldenTest, FromTheFolderAHalfPrecisionCacheIsClose) {
  LEDGE_SHARED_OR_SKIP(folder, kFolder + model());
  LEDGE_SHARED_OR_SKIP(golden, Name("golden.json"));
  if (encoder()) GTEST_SKIP() << "an encoder keeps nothing";
  const double nll = experts() ? 1e-2 : 1e-3;  // a router can flip
  Check(folder, Read(golden)["prompts"], KvType::kF16, [nll](const Distance& distance) {
    EXPECT_LE(distance.logits, 0.05);
    EXPECT_LE(distance.nll, nll);
    EXPECT_EQ(distance.greedy, 32);
  });
}

TEST_P(GoldenTest, AHalfPrecisionCacheIsClose) {
  LEDGE_SHARED_OR_SKIP(gguf, Name("model-f32.gguf"));
  LEDGE_SHARED_OR_SKIP(golden, Name("golden.json"));
  if (encoder()) GTEST_SKIP() << "an encoder keeps nothing";
  const double nll = experts() ? 1e-2 : 1e-3;  // a router can flip
  Check(gguf, Prompts(Read(golden)), KvType::kF16, [nll](const Distance& distance) {
    EXPECT_LE(distance.logits, 0.05);
    EXPECT_LE(distance.nll, nll);
    EXPECT_EQ(distance.greedy, 32);
  });
}

TEST_P(GoldenTest, AnEightBitCacheIsNear) {
  LEDGE_SHARED_OR_SKIP(gguf, Name("model-f32.gguf"));
  LEDGE_SHARED_OR_SKIP(golden, Name("golden.json"));
  if (encoder()) GTEST_SKIP() << "an encoder keeps nothing";
  Check(gguf, Prompts(Read(golden)), KvType::kQ8,
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
    if (encoder()) {
      CheckEmbeddings(*gguf, prompts, 0.05);
      continue;
    }
    for (const KvType kv_type : {KvType::kF16, KvType::kF32}) {
      Check(*gguf, prompts, kv_type, [&](const Distance& distance) {
        EXPECT_LE(distance.nll, 0.05) << type;
        EXPECT_GE(distance.correlation, 0.99) << type;
      });
    }
  }
  EXPECT_GT(files, 0);
}

// Single models are further off: random weights amplify what rounding activations to 8 bits costs.
TEST(GoldenModels, QuantisedLogitsCorrelateInTheMedian) {
  std::vector<double> correlations;
  for (const std::string& model : Models()) {
    if (model == "bert") continue;
    for (const std::string type : {"q8_0", "q4_k_m"}) {
      const std::string folder = kFolder + model;
      const auto gguf = testing::SharedPath(folder + "/model-" + type + ".gguf");
      const auto golden = testing::SharedPath(folder + "/golden.json");
      if (!gguf || !golden) continue;
      ASSERT_OK_AND_ASSIGN(const auto loaded, testing::LoadModel(*gguf));
      const Json all = Json::parse(std::ifstream(*golden));
      for (const Json& prompt : all["quantized"][type]["prompts"]) {
        NativeBench bench(loaded);
        const auto context = static_cast<uint32_t>(prompt["ids"].size()) + kGreedyTokens;
        ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.max_context = context}));
        ASSERT_OK_AND_ASSIGN(const Distance distance, Compare(*executor, prompt));
        correlations.push_back(distance.correlation);
      }
    }
  }
  if (correlations.empty()) GTEST_SKIP() << "../shared has no golden models";
  std::ranges::sort(correlations);
  EXPECT_GE(correlations[correlations.size() / 2], 0.999);
}

std::vector<const Kernels*> AllKernels() {
  return {RunnableKernels().begin(), RunnableKernels().end()};
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenTest,
                         ::testing::Combine(::testing::ValuesIn(Models()),
                                            ::testing::ValuesIn(AllKernels())),
                         [](const auto& test) {
                           std::string name = std::get<0>(test.param);
                           std::erase(name, '-');
                           return name + "_" + std::string(std::get<1>(test.param)->name);
                         });

}  // namespace
}  // namespace ledge
