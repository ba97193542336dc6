// The vector of a text from a generation model: the mean of the last layer's outputs over all its
// tokens, scaled to length 1.
#pragma once

#include <optional>
#include <vector>

#include "executor/executor.h"

namespace ledge {

// One text on its way, computed a chunk at a time so that running answers go on in between. Its
// pages are its own: what the prefix cache holds changes nothing.
class Embedding {
 public:
  Embedding(uint64_t id, std::vector<Token> tokens) : id_(id), tokens_(std::move(tokens)) {}

  uint64_t id() const { return id_; }
  uint32_t tokens() const { return static_cast<uint32_t>(tokens_.size()); }
  uint32_t done() const { return done_; }  // of these
  // Computes at most `columns` more. The vector when that was all; nothing when there is more to do
  // or `stop` asked. Errors are those of Executor::Step; the sequence is given back in any case.
  Result<std::optional<std::vector<float>>> Step(Executor& executor, uint32_t columns,
                                                 const StopFlag& stop);
  void Drop(Executor& executor);

 private:
  uint64_t id_;
  std::vector<Token> tokens_;
  std::optional<SequenceId> sequence_;
  uint32_t done_ = 0;
  std::vector<double> sum_;
};

}  // namespace ledge
