#include "cli/bench/width.h"

#include <algorithm>
#include <cmath>

#include "cli/bench/speed.h"

namespace ledge {
namespace {

// Columns of one sequence: for the weights that is the same as columns of many.
Result<double> TimeStep(Os& os, Executor& executor, uint32_t columns, const StopFlag& stop) {
  LEDGE_TRY(const SequenceId id, executor.AddSequence());
  Batch batch;
  for (uint32_t i = 0; i < columns; ++i) {
    const auto token = static_cast<Token>((i * 7919 + 1) % executor.info().vocabulary);
    batch.columns.push_back({.sequence = id, .token = token, .position = i, .want_logits = true});
  }
  const auto begin = os.MonotonicNow();
  const auto step = executor.Step(batch, stop);
  const double seconds = std::chrono::duration<double>(os.MonotonicNow() - begin).count();
  executor.RemoveSequence(id);
  if (!step.ok()) return step.error();
  if (!step->finished) return MakeError(Code::kInterrupted, "interrupted");
  return seconds;
}

}  // namespace

Result<WidthReport> MeasureWidth(Os& os, Executor& executor, int64_t repetitions,
                                 const StopFlag& stop) {
  WidthReport report;
  std::vector<std::vector<double>> times;
  for (const uint32_t columns : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 12u, 16u, 24u, 32u, 48u, 64u}) {
    if (columns > std::min(executor.info().max_columns, executor.info().max_context)) break;
    report.steps.push_back({columns, 0});
  }
  times.resize(report.steps.size());
  // Round after round over all widths; the first one warms up.
  for (int64_t round = 0; round <= repetitions; ++round) {
    for (size_t i = 0; i < report.steps.size(); ++i) {
      LEDGE_TRY(const double seconds, TimeStep(os, executor, report.steps[i].columns, stop));
      if (round > 0) times[i].push_back(seconds);
    }
  }
  for (size_t i = 0; i < report.steps.size(); ++i)
    report.steps[i].seconds = SpreadOf(times[i]).median;
  report.width = WidthOf(report.steps);
  return report;
}

uint32_t WidthOf(const std::vector<StepTime>& steps) {
  if (steps.size() < 2) return 1;
  const StepTime& widest = steps.back();
  // Half as wide, or the nearest below.
  size_t half = steps.size() - 2;
  while (half > 0 && steps[half].columns * 2 > widest.columns) --half;
  const double slope = (widest.seconds - steps[half].seconds) /
                       static_cast<double>(widest.columns - steps[half].columns);
  if (!(slope > 0)) return widest.columns;
  const double width = steps.front().seconds / slope;
  return static_cast<uint32_t>(
      std::clamp(std::floor(width), 1.0, static_cast<double>(widest.columns)));
}

}  // namespace ledge
