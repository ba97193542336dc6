#include <utf8proc.h>

#include "base/utf8.h"
#include "tokenizer/character_symbols.h"
#include "tokenizer/encoders.h"
#include "tokenizer/rune_class.h"
#include "tokenizer/spm_text.h"
#include "tokenizer/vocab.h"

namespace ledge {

RawBpeEncoder::RawBpeEncoder(const TableView& tables, std::vector<Token>& out)
    : tables_(tables), out_(out), merger_(tables) {}

void RawBpeEncoder::Encode(std::string_view fragment) {
  ForEachWord(tables_.pre()->steps, fragment, *this);
}

void RawBpeEncoder::operator()(std::string_view word) {
  const PreTokenizer& pre = *tables_.pre();
  if (pre.whole_breaks && word[0] == '\n' && word.size() <= kMaxTokenBytes) {
    const Token token = tables_.FindMergeable(word);
    if (token != kNoToken) {
      out_.push_back(token);
      return;
    }
  }
  symbols_.clear();
  const bool marked = pre.spelling == Spelling::kMarkedSpaces;
  while (!word.empty()) {
    const std::string_view before = word;
    const char32_t rune = Utf8Next(word);
    if (!marked && ClassOf(rune) == RuneClass::kSpace) return;  // the word is white space
    if (marked && rune == ' ') {
      symbols_.push_back(tables_.header().space_symbol);
    } else {
      symbols_.push_back(Symbol(before.substr(0, before.size() - word.size()), rune));
    }
  }
  merger_.Merge(symbols_);
  AppendTokens(symbols_, out_, [this](std::string_view bytes) { AppendBytes(bytes); });
}

uint32_t RawBpeEncoder::Symbol(std::string_view character, char32_t rune) const {
  std::string small;
  if (rune != kInvalidRune && tables_.Has(kFlagLowercase)) {
    rune = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(rune)));
    Utf8Append(small, rune);
    character = small;
  }
  return SymbolOf(tables_, character, rune);
}

// A byte that has no token is left out.
void RawBpeEncoder::AppendBytes(std::string_view bytes) {
  for (const char byte : bytes) {
    const Token token = tables_.header().byte_token[static_cast<uint8_t>(byte)];
    if (token != kNoToken) out_.push_back(token);
  }
}

}  // namespace ledge
