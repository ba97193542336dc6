// The engine's only door to computing: one step over mixed columns. Native code is the first
// executor; others (ONNX Runtime, TVM) stand behind the same call.
//
// A step is bounded in time by its batch, which the scheduler sizes from measured rates. While
// computing, an executor looks at the StopFlag at least every 50 ms, inside a layer; an abandoned
// step changes no sequence. The result for a sequence depends on its own tokens alone: not on the
// other columns, the chunking of its prefill, shared pages or the number of threads, bit for bit.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/token.h"
#include "model/model_spec.h"
#include "model/sequence_state.h"

namespace ledge {

// Asks a running step to end early. Set from any thread (or a signal handler); reset by its owner.
class StopFlag {
 public:
  enum class Ask : int { kGoOn = 0, kYield = 1, kStop = 2 };
  void Set(Ask ask) { ask_.store(static_cast<int>(ask), std::memory_order_relaxed); }
  Ask get() const { return static_cast<Ask>(ask_.load(std::memory_order_relaxed)); }

 private:
  std::atomic<int> ask_{0};
};

using SequenceId = uint32_t;

// Decode, draft and prefill columns are mixed freely. Columns of one sequence are consecutive in
// position, beginning at its length, in ascending order, not necessarily adjacent in the batch.
struct Column {
  SequenceId sequence = 0;
  Token token = 0;
  uint32_t position = 0;
  bool want_logits = false;
  uint32_t adapter = 0;  // 0: none
};

struct Batch {
  std::vector<Column> columns;
  enum class Output { kLogits, kHidden };
  Output output = Output::kLogits;
};

struct StepResult {
  bool finished = false;  // false: the StopFlag ended it; no sequence changed
  // Row i belongs to the i-th column that wanted an output. Valid until the next step.
  std::span<const float> rows;
  uint32_t row_size = 0;  // vocabulary, or width for kHidden
  std::span<const float> row(size_t i) const { return rows.subspan(i * row_size, row_size); }
};

struct ExecutorInfo {
  uint32_t vocabulary = 0;
  uint32_t width = 0;
  uint32_t trained_context = 0;
  bool encoder = false;  // no logits; a sequence comes in one step, of kHidden rows
  Pooling pooling = Pooling::kNone;
  uint32_t max_columns = 0;     // a step's most columns
  uint32_t max_context = 0;     // a sequence's most positions
  uint64_t kv_page_bytes = 0;   // of all layer groups together, for kPageTokens tokens
  uint64_t sequence_bytes = 0;  // of KV memory, what a sequence has besides: its recurrent state
  uint64_t scratch_bytes = 0;
  // Every length is a cut point for free: no window that pages leave, no recurrent state.
  bool cuts_anywhere = false;
};

// Steps are made by one thread at a time.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual const ExecutorInfo& info() const = 0;

  // Sequences live in the executor and are named by id.
  virtual Result<SequenceId> AddSequence() = 0;
  // A new sequence that shares the first `length` tokens (lowered to a cut point, which is
  // returned).
  struct Forked {
    SequenceId id;
    uint32_t length;
  };
  virtual Result<Forked> Fork(SequenceId from, uint32_t length) = 0;
  virtual Result<void> Truncate(SequenceId id, uint32_t length) = 0;
  // Room for that many tokens behind the sequence's length, to be used by later steps and given
  // back when it is cut or removed. kOverBudget or kNoMemory change nothing.
  virtual Result<void> Reserve(SequenceId id, uint32_t tokens) = 0;
  // Says that the sequence may be cut or forked at `length`, which is still to come. Changes
  // nothing but what such a cut costs: recurrent state can be cut where it was kept only.
  virtual Result<void> Mark(SequenceId id, uint32_t length) = 0;
  virtual void RemoveSequence(SequenceId id) = 0;
  virtual uint32_t Length(SequenceId id) const = 0;
  // The largest length <= `length` at which the sequence can be cut or forked.
  virtual uint32_t CutPoint(SequenceId id, uint32_t length) const = 0;
  virtual uint64_t KvBytes(SequenceId id) const = 0;
  // The KV cache that all sequences together could have at the moment, if everything but weights
  // and scratch were theirs.
  virtual uint64_t KvLimitBytes() const = 0;
  // Memory of removed sequences, which is kept for the next ones, goes back to the machine: for
  // times in which nothing is computed. Sequences that there are lose nothing.
  virtual void GiveBackUnused() = 0;

  // Errors: kUsage (a batch that breaks the rules above, a token outside the vocabulary),
  // kOverBudget or kNoMemory (no pages: nothing was computed, no sequence changed), kIo (the
  // weights' file was damaged).
  virtual Result<StepResult> Step(const Batch& batch, const StopFlag& stop) = 0;
};

}  // namespace ledge
