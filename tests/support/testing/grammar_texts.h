// Texts that a grammar allows, drawn token by token from its masks, and questions about single
// texts.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "engine/grammar/grammar.h"
#include "testing/tokenizers.h"

namespace ledge::testing {

// Byte-level, with tokens that cross the borders of JSON's parts.
inline OwnedVocab JsonVocabulary() {
  OwnedVocab made = SmallBpe();
  for (const char* text : {"{\"",
                           "\":",
                           "\",\"",
                           "\"}",
                           "\"]",
                           "},{",
                           "[{",
                           "}]",
                           "}}",
                           "null",
                           "true",
                           "false",
                           "\\\"",
                           "\\n",
                           "\\u00",
                           "00",
                           "123",
                           "-1",
                           "0.5",
                           "e+",
                           "name",
                           "ab\",",
                           "abc",
                           "-02-",
                           "\":[\"",
                           "\":{\"",
                           "[]",
                           "{}",
                           "\u010a\u0120\u0120",
                           "\":\u0120\"",
                           ",\u0120\"",
                           "xyz\"}",
                           "\u00c3\u00a9",
                           "T12:",
                           "202",
                           "10",
                           "1,",
                           "2]",
                           "},",
                           "ue",
                           "tr",
                           "root"})
    made.Add(text);
  // Longer than any way to look at tokens cares for.
  made.Add(std::string(30, 'a'));
  made.Add("ab" + std::string(50, 'c') + "\"");
  return made;
}

class GrammarTexts {
 public:
  explicit GrammarTexts(const Tokenizer& tokenizer)
      : tokenizer_(tokenizer), trie_(std::make_shared<const grammar::TokenTrie>(tokenizer)) {}

  Result<std::shared_ptr<Matching>> Compiled(const GrammarSpec& spec,
                                             MemoryBudget* budget = nullptr) const {
    LEDGE_TRY(grammar::Automaton automaton, CompileGrammar(spec));
    return std::make_shared<Matching>(std::move(automaton), trie_, budget);
  }

  // Whether the whole text, byte by byte, is one of the grammar's.
  static bool Takes(const std::shared_ptr<Matching>& matching, std::string_view text) {
    Matcher matcher(matching);
    for (const char c : text) {
      if (!matcher.Accept({&c, 1}).ok()) return false;
    }
    return matcher.CanEnd();
  }

  // An answer of a model whose logits are random; empty where it did not end within `most` tokens.
  std::string Draw(const std::shared_ptr<Matching>& matching, std::mt19937& random,
                   size_t most = 4000) const {
    Matcher matcher(matching);
    std::string text;
    for (size_t i = 0; i < most; ++i) {
      const auto allowed = matcher.Allowed();
      if (!allowed.ok()) return {};
      const Token token = Choose(**allowed, random, i);
      if (token == kNoToken) return {};
      if (tokenizer_.IsEndOfGeneration(token)) return text;
      const std::string piece = tokenizer_.Piece(token);
      if (!matcher.Accept(piece).ok()) return {};
      text += piece;
      if (matcher.Complete()) return text;
    }
    return {};
  }

 private:
  // Any of them, more and more inclined to come to an end.
  Token Choose(const TokenSet& allowed, std::mt19937& random, size_t step) const {
    std::vector<Token> all;
    std::vector<Token> closing;
    for (Token token = 0; tokenizer_.IsToken(token); ++token) {
      if (!allowed.Has(token)) continue;
      all.push_back(token);
      const std::string piece = tokenizer_.Piece(token);
      if (tokenizer_.IsEndOfGeneration(token) || (!piece.empty() && Closes(piece[0])))
        closing.push_back(token);
    }
    if (all.empty()) return kNoToken;
    const bool close = !closing.empty() && (step > 150 || random() % 4 == 0);
    const auto& from = close ? closing : all;
    return from[random() % from.size()];
  }
  static bool Closes(char c) { return c == '"' || c == '}' || c == ']'; }

  const Tokenizer& tokenizer_;
  std::shared_ptr<const grammar::TokenTrie> trie_;
};

}  // namespace ledge::testing
