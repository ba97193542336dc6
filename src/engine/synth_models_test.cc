// What `ledge synth` makes of each architecture is a model that runs.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/logits.h"
#include "quant/synth.h"
#include "testing/loaded_model.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

TEST(SynthModels, GiveLogitsOfOrdinarySize) {
  const testing::TempDir folder;
  for (const char* const shape : {"tiny", "tiny-moe", "tiny-hybrid"}) {
    for (const char* const type : {"f32", "q4_k_m", "mxfp4"}) {
      SCOPED_TRACE(fmt::format("{} {}", shape, type));
      SynthOptions options;
      options.shape = shape;
      options.type = type;
      options.path = folder / "m.gguf";
      ASSERT_OK(Synthesize(PosixOs(), options));
      ASSERT_OK_AND_ASSIGN(auto model, testing::LoadModel(options.path));
      testing::NativeBench bench(model);
      ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.max_columns = 64}));
      const std::vector<Token> ids = {1, 300, 1000, 17, 555, 2000};
      ASSERT_OK_AND_ASSIGN(const LogitsReport report, ComputeLogits(*executor, ids, 0, StopFlag()));
      double squares = 0;
      for (const float logit : report.logits) squares += double{logit} * double{logit};
      const double size = std::sqrt(squares / static_cast<double>(report.logits.size()));
      EXPECT_GT(size, 0.2);
      EXPECT_LT(size, 5);
    }
  }
}

}  // namespace
}  // namespace ledge
