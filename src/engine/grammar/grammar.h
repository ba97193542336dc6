// From what a client asks for to what its answer is held to.
#pragma once

#include <list>
#include <memory>

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
// learnt of them. One thread at a time; the tokenizer must outlive it. What it gives may be used by
// another thread, see Matching.
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

  const Tokenizer& tokenizer_;
  MemoryBudget* budget_;
  std::shared_ptr<const grammar::TokenTrie> trie_;  // made when it is first needed
  std::list<Entry> entries_;                        // the last used first
};

}  // namespace ledge
