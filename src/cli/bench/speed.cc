#include "cli/bench/speed.h"

#include <algorithm>

namespace ledge {
namespace {

// Tokens all over the vocabulary, the same in every run. A xorshift is random enough to touch the
// embedding table as text would.
class TokenSource {
 public:
  explicit TokenSource(uint32_t vocabulary) : vocabulary_(vocabulary) {}
  Token Next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<Token>(state_ % vocabulary_);
  }

 private:
  uint64_t vocabulary_;
  uint64_t state_ = 0x9E3779B97F4A7C15;
};

// Removes what it added to the executor.
class Sequences {
 public:
  explicit Sequences(Executor& executor) : executor_(executor) {}
  ~Sequences() {
    for (const SequenceId id : ids_) executor_.RemoveSequence(id);
  }
  Sequences(const Sequences&) = delete;
  Sequences& operator=(const Sequences&) = delete;

  Result<void> Add(uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      LEDGE_TRY(const SequenceId id, executor_.AddSequence());
      ids_.push_back(id);
    }
    return {};
  }
  // Copies of the first one as it is.
  Result<void> AddForks(uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      LEDGE_TRY(const Executor::Forked fork, executor_.Fork(ids_[0], executor_.Length(ids_[0])));
      ids_.push_back(fork.id);
    }
    return {};
  }
  const std::vector<SequenceId>& ids() const { return ids_; }

 private:
  Executor& executor_;
  std::vector<SequenceId> ids_;
};

Result<void> FinishedStep(Executor& executor, const Batch& batch, const StopFlag& stop) {
  LEDGE_TRY(const StepResult step, executor.Step(batch, stop));
  if (!step.finished) return MakeError(Code::kInterrupted, "interrupted");
  return {};
}

Result<void> Prefill(Executor& executor, SequenceId id, uint32_t tokens, TokenSource& source,
                     const StopFlag& stop) {
  Batch batch;
  for (uint32_t done = 0; done < tokens;) {
    const uint32_t chunk = std::min(tokens - done, executor.info().max_columns);
    batch.columns.clear();
    for (uint32_t i = 0; i < chunk; ++i) {
      batch.columns.push_back({.sequence = id, .token = source.Next(), .position = done + i});
    }
    done += chunk;
    batch.columns.back().want_logits = done == tokens;
    LEDGE_CHECK_OK(FinishedStep(executor, batch, stop));
  }
  return {};
}

Result<void> Decode(Executor& executor, const SpeedTest& test, const std::vector<SequenceId>& ids,
                    TokenSource& source, const StopFlag& stop) {
  Batch batch;
  for (uint32_t step = 0; step < test.measured; ++step) {
    batch.columns.clear();
    for (const SequenceId id : ids) {
      batch.columns.push_back({.sequence = id,
                               .token = source.Next(),
                               .position = test.prompt + step,
                               .want_logits = true});
    }
    LEDGE_CHECK_OK(FinishedStep(executor, batch, stop));
  }
  return {};
}

}  // namespace

uint64_t TokensNeeded(const SpeedTest& test) {
  return uint64_t{test.streams} * (uint64_t{test.prompt} + test.measured);
}

Result<SpeedRun> RunSpeedTest(Os& os, Executor& executor, const SpeedTest& test,
                              const StopFlag& stop) {
  TokenSource source(executor.info().vocabulary);
  Sequences sequences(executor);
  LEDGE_CHECK_OK(sequences.Add(test.shared ? 1 : test.streams));
  for (const SequenceId id : sequences.ids()) {
    LEDGE_CHECK_OK(Prefill(executor, id, test.prompt, source, stop));
  }
  if (test.shared) LEDGE_CHECK_OK(sequences.AddForks(test.streams - 1));
  const auto begin = os.MonotonicNow();
  if (test.decode) {
    LEDGE_CHECK_OK(Decode(executor, test, sequences.ids(), source, stop));
  } else {
    LEDGE_CHECK_OK(Prefill(executor, sequences.ids()[0], test.measured, source, stop));
  }
  const double seconds = std::chrono::duration<double>(os.MonotonicNow() - begin).count();
  const double tokens = static_cast<double>(test.measured) * (test.decode ? test.streams : 1);
  return SpeedRun{seconds, tokens / std::max(seconds, 1e-9)};
}

Spread SpreadOf(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {values.front(), median, values.back()};
}

}  // namespace ledge
