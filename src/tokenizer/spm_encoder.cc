#include "base/utf8.h"
#include "tokenizer/character_symbols.h"
#include "tokenizer/encoders.h"
#include "tokenizer/spm_text.h"

namespace ledge {

SpmEncoder::SpmEncoder(const TableView& tables, std::string_view text, std::vector<Token>& out)
    : tables_(tables), out_(out), cache_(text, out), merger_(tables) {}

void SpmEncoder::Encode(std::string_view fragment, bool prefix) {
  while (!fragment.empty()) {
    const size_t end = tables_.Has(kFlagWordsAtSpaces) ? WordEnd(fragment) : fragment.size();
    EncodeWord(fragment.substr(0, end), prefix);
    fragment.remove_prefix(end);
    prefix = false;
  }
}

// A word: spaces, or one where each begins a word, then what is no space. Nothing merges across its
// borders.
size_t SpmEncoder::WordEnd(std::string_view text) const {
  const bool each = tables_.Has(kFlagSplitEachSpace);
  bool other = false;  // than a space came before
  for (size_t at = 0; at < text.size();) {
    const bool escaped = text.substr(at).starts_with(kSpmSpaceText);
    const bool space = text[at] == ' ' || escaped;
    if (space && other) return at;
    other = !space || each;
    at += escaped ? kSpmSpaceText.size() : 1;
  }
  return text.size();
}

void SpmEncoder::EncodeWord(std::string_view word, bool prefix) {
  if (!prefix && cache_.Append(word)) return;
  const size_t first = out_.size();
  symbols_.clear();
  if (prefix) symbols_.push_back(tables_.header().space_symbol);
  for (std::string_view rest = word; !rest.empty();) {
    const std::string_view before = rest;
    const char32_t rune = Utf8Next(rest);
    symbols_.push_back(Symbol(before.substr(0, before.size() - rest.size()), rune));
  }
  merger_.Merge(symbols_);
  AppendTokens(symbols_, out_, [this](std::string_view bytes) { AppendBytes(bytes); });
  if (!prefix) cache_.Put(word, first);
}

uint32_t SpmEncoder::Symbol(std::string_view character, char32_t rune) const {
  if (rune == ' ') return tables_.header().space_symbol;
  if (rune < 128) return tables_.header().ascii_symbol[rune];
  return SymbolOf(tables_, character, rune);
}

void SpmEncoder::AppendBytes(std::string_view bytes) {
  const auto& header = tables_.header();
  const size_t first = out_.size();
  for (const char byte : bytes) {
    const Token token = header.byte_token[static_cast<uint8_t>(byte)];
    if (token != kNoToken) {
      out_.push_back(token);
      continue;
    }
    out_.resize(first);
    const Token unknown = header.special[static_cast<size_t>(SpecialToken::kUnk)];
    if (unknown != kNoToken) out_.push_back(unknown);
    return;
  }
}

}  // namespace ledge
