// Grammars and schemas as hostile text: the first byte chooses GBNF or JSON Schema, the rest is its
// text. What compiles is matched over a vocabulary of bytes: whatever a mask allows can be gone on
// with, and by heeding it a text never comes to a place where nothing is allowed.
#include <cstdlib>

#include "engine/grammar/grammar.h"
#include "testing/grammar_texts.h"

namespace {

const ledge::testing::BuiltTokenizer& Vocabulary() {
  static const auto vocabulary =
      ledge::testing::MakeTokenizer(ledge::testing::JsonVocabulary().vocab);
  return *vocabulary;
}

// The first allowed token from a place that `choice` names.
ledge::Token Choose(const ledge::TokenSet& allowed, uint32_t choice) {
  const auto size = static_cast<ledge::Token>(Vocabulary().tokenizer.vocab_size());
  for (ledge::Token i = 0; i < size; ++i) {
    const auto token = static_cast<ledge::Token>((choice + static_cast<uint32_t>(i)) % size);
    if (allowed.Has(token)) return token;
  }
  return ledge::kNoToken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ledge::GrammarSpec spec = {
      data[0] % 2 == 0 ? ledge::GrammarKind::kGbnf : ledge::GrammarKind::kSchema,
      std::string(reinterpret_cast<const char*>(data) + 1, size - 1)};
  const ledge::Tokenizer& tokenizer = Vocabulary().tokenizer;
  ledge::GrammarCache cache(tokenizer);
  const auto matching = cache.Get(spec);
  if (!matching.ok()) {
    if (matching.error().code != ledge::Code::kUsage || matching.error().message.empty())
      std::abort();
    return 0;
  }
  ledge::Matcher matcher(*matching);
  uint32_t choice = static_cast<uint32_t>(size);
  for (int step = 0; step < 60; ++step) {
    const auto allowed = matcher.Allowed();
    if (!allowed.ok()) return 0;
    choice = choice * 1664525 + 1013904223;
    const ledge::Token token = Choose(**allowed, choice >> 8);
    if (token == ledge::kNoToken) std::abort();
    if (tokenizer.IsEndOfGeneration(token)) {
      if (!matcher.CanEnd()) std::abort();
      return 0;
    }
    const auto accepted = matcher.Accept(tokenizer.Piece(token));
    if (!accepted.ok() && accepted.error().code == ledge::Code::kInternal) std::abort();
    if (!accepted.ok() || matcher.Complete()) return 0;
  }
  return 0;
}
