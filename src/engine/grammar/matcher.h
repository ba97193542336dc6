// An answer as it is held to a grammar: which tokens may come next, and what comes of one.
//
//   auto matching = std::make_shared<Matching>(std::move(automaton), trie);   // one a grammar
//   Matcher matcher(matching);                                                // one an answer
//   LEDGE_TRY(const TokenSet* allowed, matcher.Allowed());
//   LEDGE_CHECK_OK(matcher.Accept(token));
//
// The idea of keeping, for every state, the tokens it allows whatever surrounds it, and of looking
// at the others alone when the surroundings are known, is XGrammar's (Dong et al. 2024).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/memory_budget.h"
#include "engine/grammar/automaton.h"
#include "engine/grammar/chains.h"
#include "engine/grammar/configs.h"
#include "engine/grammar/token_set.h"
#include "engine/grammar/token_trie.h"

namespace ledge {

// What all answers held to one grammar share. Made by any thread; then used by one at a time, as
// are its matchers.
//
// What is remembered is taken from the budget, if there is one: where that has no room, or another
// party asks for it, it is forgotten, and found again when it is needed. Whoever asks must be the
// thread that uses the matchers, and not from within them.
class Matching {
 public:
  Matching(grammar::Automaton automaton, std::shared_ptr<const grammar::TokenTrie> trie,
           MemoryBudget* budget = nullptr);

  const grammar::TokenTrie& trie() const { return *trie_; }
  // Memory that is kept between tokens, about.
  size_t bytes() const;

 private:
  friend class Matcher;
  // What a state allows without its surroundings, of the short tokens.
  struct LocalMask {
    TokenSet allowed;
    std::vector<uint32_t> escapes;  // nodes of the trie where its rule may have ended
    uint32_t depth = 0;             // of the stacks that its tokens make
  };

  Result<const TokenSet*> MaskOf(grammar::ConfigId id);
  Result<const LocalMask*> LocalMaskOf(grammar::StateId state);
  void Walk(const grammar::TokenTree& tree, uint32_t node, grammar::ConfigId config, TokenSet& out,
            LocalMask* local);
  // False where the place is so deep that the state alone doesn't tell.
  Result<bool> AddPlace(const grammar::Place& place, TokenSet& out);
  Result<bool> AddPlaces(grammar::ConfigId id, TokenSet& out);
  Result<void> CheckWork(uint64_t since);
  void ForgetIfLarge();
  uint64_t Forget();
  bool TakeFromBudget();

  grammar::Automaton automaton_;
  std::vector<grammar::Chain> chains_;
  std::shared_ptr<const grammar::TokenTrie> trie_;
  std::shared_ptr<grammar::Configs> configs_;  // the present ones
  grammar::Configs* masks_of_ = nullptr;       // whose numbers masks_ goes by
  std::unordered_map<grammar::ConfigId, TokenSet> masks_;
  // By state, and by row of states that allow the same.
  std::unordered_map<uint64_t, LocalMask> local_;
  size_t mask_bytes_ = 0;
  MemoryBudget* budget_;
  Reservation held_;
  RevokeRegistration revoke_;  // the last: no call is under way when the others go
};

// A copy goes on by itself: that is how one goes back.
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<Matching> matching);

  // Tokens that may come next, those that end the answer among them where it may end. Empty where
  // the vocabulary has no token that fits. Valid until the next call for any matcher of this
  // grammar. kUsage where the grammar can be read in too many ways at once.
  Result<const TokenSet*> Allowed();
  // Whether a token of these bytes may come next: faster than Allowed where nothing is remembered.
  Result<bool> Allows(std::string_view bytes);
  // Goes on by the bytes of an allowed token (an end's have no bytes). kInternal for others.
  Result<void> Accept(std::string_view bytes);

  bool CanEnd() const { return configs_->CanEnd(config_); }
  // The text is whole, and nothing may follow.
  bool Complete() const { return CanEnd() && !configs_->GoesOn(config_); }
  // The bytes that must come next, if there is no choice; at most so many.
  std::string Forced(size_t most) const;

 private:
  void Renew();
  grammar::ConfigId After(std::string_view bytes) const;

  std::shared_ptr<Matching> matching_;
  std::shared_ptr<grammar::Configs> configs_;
  grammar::ConfigId config_;
};

}  // namespace ledge
