// From what a client asks for to what its answer is held to.
#pragma once

#include <list>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "engine/grammar/automaton.h"
#include "engine/grammar/matcher.h"
#include "engine/grammar/spec.h"
#include "engine/grammar/token_trie.h"

namespace ledge {

// Any thread; reads the text as hostile (grammar/limits.h). kUsage with the place and what would
// be right. `spec` is not of kind kNone.
Result<grammar::Automaton> CompileGrammar(const GrammarSpec& spec);

// The grammars that answers of one model are held to: the last ones stay compiled, with what was
// learnt of them. Any number of threads; the tokenizer must outlive it. What it gives is used by
// one thread at a time, see Matching.
class GrammarCache {
 public:
  // What is learnt is taken from `budget`, if there is one (matcher.h).
  explicit GrammarCache(const Tokenizer& tokenizer, MemoryBudget* budget = nullptr)
      : tokenizer_(tokenizer), budget_(budget) {}

  // Null for kNone.
  Result<std::shared_ptr<Matching>> Get(const GrammarSpec& spec);

 private:
  struct Entry {
    GrammarSpec spec;
    std::shared_ptr<Matching> matching;
  };

  // Null where it isn't there.
  std::shared_ptr<Matching> Find(const GrammarSpec& spec);

  const Tokenizer& tokenizer_;
  MemoryBudget* budget_;
  std::mutex mutex_;  // of what follows; not held while a grammar is compiled
  std::shared_ptr<const grammar::TokenTrie> trie_;  // made when it is first needed
  std::list<Entry> entries_;                        // the last used first
};

}  // namespace ledge
