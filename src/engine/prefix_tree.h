// Beginnings of prompts and conversations whose keys and values are kept, for requests that begin
// alike: a conversation's next turn, or many requests with one system message, compute only what is
// new. Pages are shared by reference (Executor::Fork), and the answer is the same, bit for bit, as
// if all had been computed.
//
// The kept token sequences are in lexicographic order, which is a tree's depth-first order: the
// longest common beginning with any of them is with a neighbour. Recurrent state can be cut at some
// lengths only, so another one further off may have more to share; and where beginnings part is
// marked, for the next that begins so. Each belongs to an owner, and
// nobody shares with another one: how fast an answer comes would tell what others have asked.
//
// Bounded in sequences and in bytes; gives them up, least recently used first, also when pages are
// short. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "executor/executor.h"

namespace ledge {

class PrefixTree {
 public:
  // `executor` must outlive the tree. With most = 0 nothing is kept. `most_bytes` counts a page
  // that several share once for each.
  PrefixTree(Executor& executor, size_t most, uint64_t most_bytes)
      : executor_(executor), most_(most), most_bytes_(most_bytes) {}
  ~PrefixTree() {
    while (DropOldest()) {
    }
  }
  PrefixTree(const PrefixTree&) = delete;
  PrefixTree& operator=(const PrefixTree&) = delete;

  // A new sequence that shares the longest beginning of `tokens` that its owner has, or nothing if
  // none is worth it. Never all of `tokens`: the last one has to be computed for its logits.
  Result<std::optional<Executor::Forked>> Fork(std::string_view owner,
                                               std::span<const Token> tokens);
  // How many of `tokens` Fork would share.
  uint32_t Known(std::string_view owner, std::span<const Token> tokens) const;

  // Takes the sequence over; `tokens` are those that it holds. It replaces what is a beginning of
  // it; one that is a beginning of another is given up at once.
  void Keep(std::string_view owner, SequenceId sequence, std::vector<Token> tokens);

  // False if nothing is kept.
  bool DropOldest();
  size_t size() const { return kept_.size(); }
  uint64_t bytes() const { return bytes_; }

 private:
  struct Key {
    std::string owner;
    std::vector<Token> tokens;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    SequenceId sequence = 0;
    uint64_t bytes = 0;
    uint64_t used = 0;  // when: a count of uses
  };
  using Map = std::map<Key, Entry>;
  struct Match {
    Map::const_iterator entry;
    uint32_t shared = 0;  // tokens that the entry can be cut at, and
    uint32_t common = 0;  // ... that the prompt has in common with any entry
  };
  Match Best(std::string_view owner, std::span<const Token> tokens) const;
  void Drop(Map::iterator entry);

  Executor& executor_;
  size_t most_;
  uint64_t most_bytes_;
  uint64_t bytes_ = 0;
  uint64_t uses_ = 0;
  Map kept_;
};

}  // namespace ledge
