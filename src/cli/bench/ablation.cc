#include "cli/bench/ablation.h"

#include <fmt/format.h>

#include <algorithm>

namespace ledge {
namespace {

struct Case {
  std::string without;
  NativeOptions options;
};

std::vector<Case> Cases(const NativeOptions& all) {
  std::vector<Case> cases{{"", all}};
  const auto without = [&](std::string name) -> NativeOptions& {
    cases.push_back({std::move(name), all});
    return cases.back().options;
  };
  without("fused norm").fusions.norm = false;
  without("fused heads").fusions.heads = false;
  without("fused activation").fusions.gated = false;
  without("fused residual").fusions.residual = false;
  without("all fusions").fusions = Fusions::None();
  without("shared prefixes").share_prefixes = false;
  without("prefetch").prefetch = false;
  without("huge pages").huge_pages = false;
  const Kernels& best = all.kernels != nullptr ? *all.kernels : BestKernels();
  for (const Kernels* kernels : RunnableKernels()) {
    // References are no answer to anybody's question, and take minutes.
    if (kernels == &best || kernels == &ReferenceOf(*kernels)) continue;
    without(fmt::format("{} ({} instead)", best.name, kernels->name)).kernels = kernels;
  }
  return cases;
}

}  // namespace

Result<std::vector<AblationRow>> RunAblation(Os& os, const AblationSetup& setup,
                                             const std::vector<SpeedTest>& tests, int64_t rounds,
                                             const StopFlag& stop,
                                             const std::function<void(const std::string&)>& tell) {
  const std::vector<Case> cases = Cases(setup.options);
  std::vector<AblationRow> rows;
  for (const Case& one : cases) rows.push_back({one.without, {}});
  for (AblationRow& row : rows) row.rates.resize(tests.size());
  for (int64_t round = 0; round < rounds; ++round) {
    for (size_t turn = 0; turn < cases.size(); ++turn) {
      // Each round begins with another case, since a round's first runs are slower than its last.
      const size_t i = (static_cast<size_t>(round) + turn) % cases.size();
      tell(cases[i].without);
      LEDGE_TRY(const auto executor, CreateNativeExecutor(os, setup.model, *setup.pool,
                                                          *setup.budget, cases[i].options));
      for (size_t test = 0; test < tests.size(); ++test) {
        SpeedTest warm = tests[test];
        warm.measured = std::min<uint32_t>(warm.measured, 4);
        warm.prompt = std::min<uint32_t>(warm.prompt, 8);
        LEDGE_TRY(const SpeedRun warmed, RunSpeedTest(os, *executor, warm, stop));
        static_cast<void>(warmed);
        LEDGE_TRY(const SpeedRun run, RunSpeedTest(os, *executor, tests[test], stop));
        rows[i].rates[test].push_back(run.tokens_per_second);
      }
    }
  }
  return rows;
}

}  // namespace ledge
