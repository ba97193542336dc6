#include "tokenizer/fragments.h"

#include <algorithm>

#include "tokenizer/rune_class.h"
#include "tokenizer/special_matcher.h"

namespace ledge {
namespace {

// Where the white space begins that `text` ends in.
size_t TrailingSpace(std::string_view text) {
  size_t at = text.size();
  while (at > 0) {
    size_t begin = at - 1;
    while (begin > 0 && at - begin < 4 && (static_cast<uint8_t>(text[begin]) & 0xC0) == 0x80) {
      --begin;
    }
    const RuneAt rune = PeekRune(text, begin);
    if (rune.klass != RuneClass::kSpace || begin + rune.bytes != at) break;
    at = begin;
  }
  return at;
}

// How many bytes of white space `text` begins with.
size_t LeadingSpace(std::string_view text) {
  size_t at = 0;
  for (;;) {
    const RuneAt rune = PeekRune(text, at);
    if (rune.klass != RuneClass::kSpace) return at;
    at += rune.bytes;
  }
}

}  // namespace

Result<Fragments> Fragments::Cut(const TableView& tables, std::string_view text,
                                 const EncodeOptions& options) {
  Fragments made(text);
  size_t at = 0;
  const auto add_text = [&](size_t end) {
    if (end > at) made.list_.push_back({.begin = at, .bytes = end - at, .first = at == 0});
  };
  for (const SpecialMatch& match :
       FindSpecials(tables, text, options.parse_special, options.plain)) {
    size_t begin = match.begin;
    size_t end = std::min(text.size(), match.begin + tables.Text(match.token).size());
    if (tables.StripsLeft(match.token) && begin > at) {
      begin = at + TrailingSpace(text.substr(at, begin - at));
    }
    if (tables.StripsRight(match.token)) end += LeadingSpace(text.substr(end));
    add_text(begin);
    made.list_.push_back({.token = match.token});
    at = std::max(at, end);
  }
  add_text(text.size());
  LEDGE_CHECK_OK(made.Normalize(tables.normal_form()));
  return made;
}

Result<void> Fragments::Normalize(NormalForm form) {
  if (IsSurelyNormal(form, original_)) return {};
  for (Fragment& fragment : list_) {
    if (fragment.token != kNoToken) continue;
    const size_t begin = normal_.size();
    AppendNormalized(form, original_.substr(fragment.begin, fragment.bytes), normal_);
    fragment.begin = begin;
    fragment.bytes = normal_.size() - begin;
    if (normal_.size() > kMaxTextBytes) {
      return MakeError(Code::kUsage,
                       "the text to tokenize has more than {} bytes when it is normalised; at "
                       "most as many are accepted",
                       kMaxTextBytes);
    }
  }
  copied_ = true;
  return {};
}

}  // namespace ledge
