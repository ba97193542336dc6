// What a model says about given tokens, without sampling: for people who port models, and for
// evaluation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "executor/executor.h"

namespace ledge {

// Rows of logits are asked for in steps of at most this many bytes (but at least one row).
inline constexpr uint64_t kMaxRowBytesPerStep = 64 << 20;
// How many rows that is for this executor.
uint32_t RowsPerStep(const Executor& executor);

// -ln softmax(logits)[token], in nats; sums in double, in the order of the vocabulary.
double NegativeLogLikelihood(std::span<const float> logits, Token token);
// The token with the largest logit, the lowest id among equals. NaN is never the largest.
Token Greedy(std::span<const float> logits);

struct LogitsReport {
  std::vector<float> logits;  // behind the last id
  std::vector<double> nll;    // of ids 2 to n, each given those before it
  std::vector<Token> greedy;  // what follows, the end of generation not heeded
};

// Errors: kUsage for no ids, an id outside the vocabulary, or ids and greedy tokens beyond the
// executor's context; kInterrupted when `stop` asked; and those of Executor::Step. Leaves no
// sequence behind.
Result<LogitsReport> ComputeLogits(Executor& executor, std::span<const Token> ids,
                                   uint32_t greedy_tokens, const StopFlag& stop);

// One sequence for as long as a scope lives.
class ScopedSequence {
 public:
  static Result<ScopedSequence> Add(Executor& executor);
  ScopedSequence(ScopedSequence&& other) noexcept : executor_(other.executor_), id_(other.id_) {
    other.executor_ = nullptr;
  }
  ScopedSequence& operator=(ScopedSequence&&) = delete;
  ~ScopedSequence() {
    if (executor_ != nullptr) executor_->RemoveSequence(id_);
  }
  SequenceId id() const { return id_; }

 private:
  ScopedSequence(Executor& executor, SequenceId id) : executor_(&executor), id_(id) {}
  Executor* executor_;
  SequenceId id_;
};

}  // namespace ledge
