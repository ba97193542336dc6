#include <utf8proc.h>

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "tokenizer/encoders.h"
#include "tokenizer/pre/matchers.h"
#include "tokenizer/spm_text.h"

namespace ledge {
namespace {

constexpr size_t kMaxDecomposed = 18;  // characters that one character decomposes into

bool IsControlOrUnassigned(char32_t rune) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(rune))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
      return true;
    default:
      return false;
  }
}

// The characters that BERT sets apart as words: the CJK blocks of ideographs, as BERT lists them.
bool IsIdeograph(char32_t rune) {
  static constexpr RuneRange kIdeographs[] = {
      {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
      {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F},
  };
  return IsWithin(rune, kIdeographs);
}

bool StandsAlone(char32_t rune) {
  const RuneClass klass = ClassOf(rune);
  return klass == RuneClass::kPunctuation || (rune < 128 && klass == RuneClass::kSymbol) ||
         IsIdeograph(rune);
}

}  // namespace

WordPieceEncoder::WordPieceEncoder(const TableView& tables, std::vector<Token>& out)
    : tables_(tables), out_(out) {}

void WordPieceEncoder::Encode(std::string_view fragment) {
  while (!fragment.empty()) {
    const char32_t rune = Utf8Next(fragment);
    if (rune == kInvalidRune) continue;
    if (ClassOf(rune) == RuneClass::kSpace) {
      FinishWord();
    } else if (!tables_.Has(kFlagStripAccents)) {
      AddRune(rune);
    } else {
      utf8proc_int32_t parts[kMaxDecomposed];
      int boundary = 0;
      const utf8proc_ssize_t count =
          utf8proc_decompose_char(static_cast<utf8proc_int32_t>(rune), parts, kMaxDecomposed,
                                  UTF8PROC_DECOMPOSE, &boundary);
      for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, kMaxDecomposed); ++i) {
        if (utf8proc_category(parts[i]) != UTF8PROC_CATEGORY_MN) {
          AddRune(static_cast<char32_t>(parts[i]));
        }
      }
    }
  }
  FinishWord();
}

void WordPieceEncoder::AddRune(char32_t rune) {
  constexpr char32_t kReplacementRune = 0xFFFD;
  if (rune == kReplacementRune || IsControlOrUnassigned(rune)) return;
  const bool alone = StandsAlone(rune);
  if (alone) FinishWord();
  if (tables_.Has(kFlagLowercase)) {
    rune = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(rune)));
  }
  if (++characters_ <= kMaxWordPieceCharacters) Utf8Append(word_, rune);
  if (alone) FinishWord();
}

void WordPieceEncoder::FinishWord() {
  const size_t characters = std::exchange(characters_, 0);
  if (characters == 0) return;
  const std::string word = std::string(kSpmSpaceText) + std::exchange(word_, {});
  const size_t first = out_.size();
  bool known = characters <= kMaxWordPieceCharacters;
  for (size_t at = 0; known && at < word.size();) {
    size_t end = word.size();
    Token token = kNoToken;
    for (; end > at; --end) {
      token = tables_.FindMergeable(std::string_view(word).substr(at, end - at));
      if (token != kNoToken) break;
    }
    known = token != kNoToken;
    if (known) out_.push_back(token);
    at = end;
  }
  if (known) return;
  out_.resize(first);
  const Token unknown = tables_.header().special[static_cast<size_t>(SpecialToken::kUnk)];
  if (unknown != kNoToken) out_.push_back(unknown);
}

}  // namespace ledge
