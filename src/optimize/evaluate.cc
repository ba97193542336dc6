#include "optimize/evaluate.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/logits.h"

namespace ledge {
namespace {

// Windows that are computed together at most.
constexpr uint32_t kMaxWindowsAtOnce = 16;

class Scores {
 public:
  void Add(double nll) {
    sum_ += nll;
    squares_ += nll * nll;
    ++count_;
  }
  PerplexityReport Report(uint32_t chunks) const {
    PerplexityReport report;
    const double count = static_cast<double>(count_);
    const double mean = sum_ / count;
    const double variance = squares_ / count - mean * mean;
    report.perplexity = std::exp(mean);
    if (variance > 0 && count_ > 1)
      report.standard_error = std::sqrt(variance / (count - 1)) * report.perplexity;
    report.tokens = count_;
    report.chunks = chunks;
    return report;
  }

 private:
  double sum_ = 0;
  double squares_ = 0;
  uint64_t count_ = 0;
};

// Some neighbouring windows, computed in steps that mix their columns.
class WindowRun {
 public:
  WindowRun(Executor& executor, std::span<const Token> tokens, const PerplexityOptions& options,
            const StopFlag& stop)
      : executor_(executor), tokens_(tokens), options_(options), stop_(stop) {}

  // As many sequences with room for a window as can be had, up to `wanted`; at least one, or the
  // error.
  Result<uint32_t> MakeRoom(uint32_t wanted) {
    for (uint32_t i = 0; i < wanted; ++i) {
      LEDGE_TRY(ScopedSequence sequence, ScopedSequence::Add(executor_));
      if (auto room = executor_.Reserve(sequence.id(), options_.context); !room.ok()) {
        if (i == 0) return std::move(room).error();
        break;
      }
      sequences_.push_back(std::move(sequence));
    }
    nll_.resize(sequences_.size());
    return static_cast<uint32_t>(sequences_.size());
  }

  // Scores windows [first, first + count).
  Result<void> Run(uint32_t first, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      LEDGE_CHECK_OK(executor_.Truncate(sequences_[i].id(), 0));
      nll_[i].clear();
    }
    const uint64_t total = uint64_t{count} * options_.context;
    for (uint64_t at = 0; at < total;) {
      LEDGE_CHECK_OK(Step(first, at, total));
    }
    return {};
  }
  const std::vector<double>& nll(uint32_t window) const { return nll_[window]; }

 private:
  struct Wanted {
    uint32_t window;
    Token next;
  };

  // Columns from `at` on, counted over all windows one after another.
  Result<void> Step(uint32_t first, uint64_t& at, uint64_t total) {
    const uint32_t max_rows = RowsPerStep(executor_);
    batch_.columns.clear();
    wanted_.clear();
    for (; at < total && batch_.columns.size() < executor_.info().max_columns; ++at) {
      const uint32_t window = static_cast<uint32_t>(at / options_.context);
      const uint32_t position = static_cast<uint32_t>(at % options_.context);
      const uint64_t index = (uint64_t{first} + window) * options_.context + position;
      const bool scored = position >= options_.context / 2 && position + 1 < options_.context;
      if (scored && wanted_.size() == max_rows) break;
      const bool replaced = position == 0 && options_.bos != kNoToken;
      const Token token = replaced ? options_.bos : tokens_[index];
      batch_.columns.push_back({sequences_[window].id(), token, position, scored, 0});
      if (scored) wanted_.push_back({window, tokens_[index + 1]});
    }
    LEDGE_TRY(const StepResult result, executor_.Step(batch_, stop_));
    if (!result.finished) return MakeError(Code::kInterrupted, "interrupted");
    for (size_t row = 0; row < wanted_.size(); ++row) {
      nll_[wanted_[row].window].push_back(
          NegativeLogLikelihood(result.row(row), wanted_[row].next));
    }
    return {};
  }

  Executor& executor_;
  std::span<const Token> tokens_;
  const PerplexityOptions& options_;
  const StopFlag& stop_;
  std::vector<ScopedSequence> sequences_;
  std::vector<std::vector<double>> nll_;  // a window
  Batch batch_;
  std::vector<Wanted> wanted_;
};

}  // namespace

Result<PerplexityReport> Perplexity(Executor& executor, std::span<const Token> tokens,
                                    const PerplexityOptions& options,
                                    const PerplexityProgress& progress, const StopFlag& stop) {
  const ExecutorInfo& info = executor.info();
  if (options.context < kMinEvaluationContext || options.context > info.max_context) {
    return MakeError(Code::kUsage, "a context of {} tokens; must be {} to {}", options.context,
                     kMinEvaluationContext, info.max_context);
  }
  if (tokens.size() < 2 * uint64_t{options.context}) {
    return MakeError(Code::kUsage, "the text has {} tokens; must be at least {}, two windows of {}",
                     tokens.size(), 2 * uint64_t{options.context}, options.context);
  }
  uint64_t total = tokens.size() / options.context;
  if (options.chunks != 0) total = std::min<uint64_t>(total, options.chunks);
  const uint32_t chunks = static_cast<uint32_t>(std::min<uint64_t>(total, UINT32_MAX));

  WindowRun run(executor, tokens, options, stop);
  const uint32_t at_once = std::clamp(info.max_columns / options.context, 1u, kMaxWindowsAtOnce);
  LEDGE_TRY(const uint32_t windows, run.MakeRoom(std::min(at_once, chunks)));
  Scores scores;
  for (uint32_t first = 0; first < chunks; first += windows) {
    const uint32_t count = std::min(windows, chunks - first);
    LEDGE_CHECK_OK(run.Run(first, count));
    for (uint32_t i = 0; i < count; ++i) {
      for (const double nll : run.nll(i)) scores.Add(nll);
      if (progress) progress(chunks, scores.Report(first + i + 1));
    }
  }
  return scores.Report(chunks);
}

Result<PerplexityReport> EvaluateText(Executor& executor, const Tokenizer& tokenizer,
                                      std::string_view text, PerplexityOptions options,
                                      const PerplexityProgress& progress, const StopFlag& stop) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  LEDGE_TRY(const std::vector<Token> tokens,
            tokenizer.Encode(text, {.add_special = true, .parse_special = false}));
  options.bos = tokenizer.adds_bos() ? tokenizer.bos() : kNoToken;
  return Perplexity(executor, tokens, options, progress, stop);
}

}  // namespace ledge
