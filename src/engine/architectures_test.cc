// Architectures without golden models: what llama.cpp computed for the same small files, every
// token seeing those before it, in floats throughout. Its gelu goes through a half-precision table,
// which some of the tolerance is for.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "engine/embedding.h"
#include "engine/logits.h"
#include "testing/family_folders.h"
#include "testing/loaded_model.h"
#include "testing/made_folder.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"
#include "testing/tiny_models.h"

namespace ledge {
namespace {

using testing::NativeBench;
using testing::TinyModel;

struct Reference {
  std::string_view name;
  std::vector<float> first;  // of the last token's logits, or of the embedding
  double tolerance = 1e-3;
};

const std::vector<Reference>& References() {
  static const std::vector<Reference> references = {
      {"ernie4_5-moe",
       {-0.899629F, 1.937875F, 1.251185F, 0.261972F, -2.201056F, 1.868398F, -1.850741F,
        -1.449801F}},
      {"ernie4_5",
       {-0.503595F, -2.257191F, -0.105202F, 1.393126F, -1.578070F, 0.839399F, 0.428323F,
        -1.028140F}},
      {"exaone4",
       {0.818101F, -0.848044F, 1.598173F, -1.740733F, 1.757631F, 2.501798F, -1.084966F,
        -0.285463F}},
      {"falcon",
       {-0.107666F, 2.891823F, -1.637829F, 0.114220F, -2.115788F, 3.541647F, -1.836856F,
        -6.516451F},
       1e-2},
      {"gemma",
       {-5.676776F, 7.475455F, -1.205357F, -2.419009F, 2.563748F, -1.841748F, -6.171120F,
        -1.579256F},
       1e-2},
      {"glm4",
       {5.074494F, -3.142633F, 0.608972F, 2.474330F, -3.915266F, 1.157955F, -1.099545F,
        -2.138437F}},
      {"gpt-oss",
       {-2.049331F, -3.410213F, -1.035980F, 2.204847F, -2.814103F, -0.585404F, -5.328468F,
        2.129893F}},
      {"gpt2",
       {-3.056963F, -0.663257F, 0.840496F, 1.778003F, -0.003487F, -0.066146F, -1.934108F,
        -0.154899F},
       1e-2},
      {"granitemoe",
       {0.874432F, -0.372328F, -0.447553F, -0.960582F, -1.973416F, 1.367409F, -1.158443F,
        -1.009781F}},
      {"granitehybrid",
       {0.458667F, -0.792064F, -0.261959F, -1.158584F, -1.975903F, 1.528572F, -1.126226F,
        -1.308782F}},
      {"granitehybrid-moe",
       {1.265264F, -0.830426F, -0.679803F, -0.308918F, -1.174665F, 1.366855F, -0.598187F,
        -0.403614F}},
      {"nomic-bert",
       {0.754060F, -0.224222F, 0.489563F, -0.097797F, 0.190349F, 0.348170F, -1.077251F, 0.961562F}},
      {"phi2",
       {-2.896431F, 1.426257F, -0.758796F, -2.641052F, -0.955918F, -3.123053F, 0.172045F,
        -1.928919F},
       1e-2},
      {"qwen2moe",
       {0.167125F, -2.375642F, 0.451850F, -1.336100F, -3.547764F, 0.102555F, 0.676861F,
        -2.885075F}},
      {"stablelm",
       {-0.865926F, -1.706755F, -4.456726F, -2.736197F, 2.221531F, -3.508933F, -0.200331F,
        -4.655111F}},
      {"starcoder2",
       {1.245214F, 0.035427F, -0.587689F, -1.393238F, 1.205572F, -0.160324F, -2.846214F, 0.118876F},
       1e-2},
  };
  return references;
}

std::vector<Token> Ids() {
  std::vector<Token> ids;
  for (Token i = 0; i < 40; ++i) ids.push_back((i * 23 + 7) % 64);
  return ids;
}

Result<std::shared_ptr<const Model>> Load(std::string_view name) {
  LEDGE_TRY(auto packed, testing::PackAndOpen(TinyModel(name).Build()));
  return Model::Load(std::move(packed));
}

std::string TestName(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '-', '_');
  return out;
}

class ReferenceTest : public ::testing::TestWithParam<Reference> {};

TEST_P(ReferenceTest, IsMet) {
  const Reference& reference = GetParam();
  ASSERT_OK_AND_ASSIGN(auto model, Load(reference.name));
  NativeBench bench(model);
  ASSERT_OK_AND_ASSIGN(Executor * executor,
                       bench.Make({.kv_type = KvType::kF32, .max_columns = 64}));
  std::vector<float> values;
  if (executor->info().encoder) {
    ASSERT_OK_AND_ASSIGN(values, ComputeEmbedding(*executor, Ids(), StopFlag()));
  } else {
    ASSERT_OK_AND_ASSIGN(const LogitsReport report, ComputeLogits(*executor, Ids(), 0, StopFlag()));
    values = report.logits;
  }
  for (size_t i = 0; i < reference.first.size(); ++i) {
    EXPECT_NEAR(double{values[i]}, double{reference.first[i]}, reference.tolerance) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ReferenceTest, ::testing::ValuesIn(References()),
                         [](const auto& test) { return TestName(test.param.name); });

TEST(Architectures, EveryTinyModelHasAReference) {
  for (const std::string_view name : TinyModel::Names()) {
    EXPECT_TRUE(std::ranges::any_of(References(), [name](const Reference& reference) {
      return reference.name == name;
    })) << name;
  }
}

class FolderTest : public ::testing::TestWithParam<std::string_view> {};

// The folder that becomes the same model (hf/families_test.cc) answers with the same bits.
TEST_P(FolderTest, AnswersLikeItsGgufFile) {
  const testing::FamilyFolder family(GetParam());
  ASSERT_OK_AND_ASSIGN(const testing::MadeFolder made, testing::MakeFolder(family.folder()));
  std::vector<std::vector<float>> answers;
  for (const auto& bytes : {family.file(), made.bytes}) {
    ASSERT_OK_AND_ASSIGN(auto packed, testing::PackAndOpen(bytes));
    ASSERT_OK_AND_ASSIGN(auto model, Model::Load(std::move(packed)));
    NativeBench bench(model);
    ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.max_columns = 64}));
    if (executor->info().encoder) {
      ASSERT_OK_AND_ASSIGN(answers.emplace_back(), ComputeEmbedding(*executor, Ids(), StopFlag()));
    } else {
      ASSERT_OK_AND_ASSIGN(LogitsReport report, ComputeLogits(*executor, Ids(), 0, StopFlag()));
      answers.push_back(std::move(report.logits));
    }
  }
  EXPECT_EQ(answers[0], answers[1]);
}

INSTANTIATE_TEST_SUITE_P(All, FolderTest, ::testing::ValuesIn(testing::FamilyFolder::Names()),
                         [](const auto& test) { return TestName(test.param); });

class BatchTest : public ::testing::TestWithParam<std::string_view> {};

// The bits of a sequence depend neither on its chunks nor on who else is in the batch.
TEST_P(BatchTest, ChunksAndNeighboursChangeNoBit) {
  ASSERT_OK_AND_ASSIGN(auto model, Load(GetParam()));
  if (model->spec().encoder) GTEST_SKIP() << "an encoder's sequence has no chunks";
  NativeBench bench(model);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.max_columns = 64}));
  ASSERT_OK_AND_ASSIGN(const LogitsReport whole, ComputeLogits(*executor, Ids(), 0, StopFlag()));
  for (const bool unfused : {false, true}) {
    ASSERT_OK_AND_ASSIGN(
        executor, bench.Make({.max_columns = 9, .fusions = unfused ? Fusions::None() : Fusions()}));
    ASSERT_OK_AND_ASSIGN(const SequenceId mine, executor->AddSequence());
    ASSERT_OK_AND_ASSIGN(const SequenceId other, executor->AddSequence());
    const std::vector<Token> ids = Ids();
    std::vector<float> last;
    for (uint32_t at = 0; at < ids.size(); at += 4) {
      Batch batch;
      for (uint32_t i = at; i < at + 4; ++i) {
        batch.columns.push_back({other, ids[ids.size() - 1 - i], i, true, 0});
        batch.columns.push_back({mine, ids[i], i, true, 0});
      }
      ASSERT_OK_AND_ASSIGN(const StepResult result, executor->Step(batch, StopFlag()));
      last.assign(result.row(7).begin(), result.row(7).end());
    }
    EXPECT_EQ(last, whole.logits) << unfused;
  }
}

INSTANTIATE_TEST_SUITE_P(All, BatchTest, ::testing::ValuesIn(TinyModel::Names()),
                         [](const auto& test) { return TestName(test.param); });

// Writes the files for another program: --gtest_also_run_disabled_tests, into $TINY_MODELS.
TEST(Architectures, DISABLED_WriteFiles) {
  const char* const folder = std::getenv("TINY_MODELS");
  ASSERT_NE(folder, nullptr);
  for (const std::string_view name : TinyModel::Names()) {
    const auto bytes = TinyModel(name).Build();
    std::ofstream(std::string(folder) + "/" + std::string(name) + ".gguf", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
}

}  // namespace
}  // namespace ledge
