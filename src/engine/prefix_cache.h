// Sequences that have ended, kept for requests that begin with the same tokens: a conversation's
// next turn computes only what is new. The pages are shared by reference (Executor::Fork), and the
// answer is the same, bit for bit, as if all had been computed.
//
// Bounded by a number of sequences; gives them up, least recently used first, when pages are short.
// Not thread-safe.
#pragma once

#include <list>
#include <optional>
#include <span>
#include <vector>

#include "executor/executor.h"

namespace ledge {

class PrefixCache {
 public:
  // `executor` must outlive the cache. With most = 0 nothing is kept.
  PrefixCache(Executor& executor, size_t most) : executor_(executor), most_(most) {}
  ~PrefixCache() {
    while (DropOldest()) {
    }
  }
  PrefixCache(const PrefixCache&) = delete;
  PrefixCache& operator=(const PrefixCache&) = delete;

  // A new sequence that shares the longest beginning of `tokens` that is kept, or nothing if none
  // is worth it. Never all of `tokens`: the last one has to be computed for its logits.
  Result<std::optional<Executor::Forked>> Fork(std::span<const Token> tokens);

  // Takes the sequence over; `tokens` are those that it holds. It replaces what is a beginning of
  // it.
  void Keep(SequenceId sequence, std::vector<Token> tokens);

  // False if nothing is kept.
  bool DropOldest();
  size_t size() const { return kept_.size(); }

 private:
  struct Entry {
    SequenceId sequence;
    std::vector<Token> tokens;
  };

  Executor& executor_;
  size_t most_;
  std::list<Entry> kept_;  // most recently used first
};

}  // namespace ledge
