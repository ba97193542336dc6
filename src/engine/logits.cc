#include "engine/logits.h"

#include <algorithm>
#include <cmath>

namespace ledge {
namespace {

// A step that must not be given up.
Result<StepResult> FinishedStep(Executor& executor, const Batch& batch, const StopFlag& stop) {
  LEDGE_TRY(StepResult result, executor.Step(batch, stop));
  if (!result.finished) return MakeError(Code::kInterrupted, "interrupted");
  return result;
}

Result<void> Prefill(Executor& executor, SequenceId sequence, std::span<const Token> ids,
                     const StopFlag& stop, LogitsReport& report) {
  const uint32_t chunk = std::min(executor.info().max_columns, RowsPerStep(executor));
  Batch batch;
  for (size_t begin = 0; begin < ids.size(); begin += chunk) {
    const size_t end = std::min(begin + chunk, ids.size());
    batch.columns.clear();
    for (size_t at = begin; at < end; ++at) {
      batch.columns.push_back({sequence, ids[at], static_cast<uint32_t>(at), true, 0});
    }
    LEDGE_TRY(const StepResult result, FinishedStep(executor, batch, stop));
    for (size_t at = begin; at < end && at + 1 < ids.size(); ++at) {
      report.nll.push_back(NegativeLogLikelihood(result.row(at - begin), ids[at + 1]));
    }
    if (end == ids.size()) {
      const auto last = result.row(end - 1 - begin);
      report.logits.assign(last.begin(), last.end());
    }
  }
  return {};
}

}  // namespace

uint32_t RowsPerStep(const Executor& executor) {
  const uint64_t row = uint64_t{executor.info().vocabulary} * sizeof(float);
  return static_cast<uint32_t>(
      std::clamp<uint64_t>(kMaxRowBytesPerStep / row, 1, executor.info().max_columns));
}

double NegativeLogLikelihood(std::span<const float> logits, Token token) {
  const float max = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - max);
  return std::log(sum) + static_cast<double>(max) -
         static_cast<double>(logits[static_cast<size_t>(token)]);
}

Token Greedy(std::span<const float> logits) {
  size_t best = 0;
  for (size_t i = 1; i < logits.size(); ++i) {
    if (logits[i] > logits[best] || std::isnan(logits[best])) best = i;
  }
  return static_cast<Token>(best);
}

Result<ScopedSequence> ScopedSequence::Add(Executor& executor) {
  LEDGE_TRY(const SequenceId id, executor.AddSequence());
  return ScopedSequence(executor, id);
}

Result<LogitsReport> ComputeLogits(Executor& executor, std::span<const Token> ids,
                                   uint32_t greedy_tokens, const StopFlag& stop) {
  const ExecutorInfo& info = executor.info();
  if (ids.empty()) return MakeError(Code::kUsage, "no token ids; must be at least one");
  if (ids.size() + greedy_tokens > info.max_context) {
    return MakeError(
        Code::kUsage,
        "{} ids and {} tokens to generate; must be at most the context length {} together",
        ids.size(), greedy_tokens, info.max_context);
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || static_cast<uint32_t>(ids[i]) >= info.vocabulary) {
      return MakeError(Code::kUsage, "id {} at index {}; must be below the vocabulary's size {}",
                       ids[i], i, info.vocabulary);
    }
  }
  LEDGE_TRY(const ScopedSequence sequence, ScopedSequence::Add(executor));
  LogitsReport report;
  LEDGE_CHECK_OK(Prefill(executor, sequence.id(), ids, stop, report));
  if (greedy_tokens == 0) return report;
  report.greedy.push_back(Greedy(report.logits));
  Batch batch;
  while (report.greedy.size() < greedy_tokens) {
    const uint32_t position = static_cast<uint32_t>(ids.size() + report.greedy.size() - 1);
    batch.columns.assign(1, {sequence.id(), report.greedy.back(), position, true, 0});
    LEDGE_TRY(const StepResult result, FinishedStep(executor, batch, stop));
    report.greedy.push_back(Greedy(result.row(0)));
  }
  return report;
}

}  // namespace ledge
