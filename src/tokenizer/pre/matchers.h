// The parts that pre-tokenizers' regular expressions are made of. All lengths are in bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "tokenizer/rune_class.h"

namespace ledge {

inline bool IsLetter(const RuneAt& rune) { return rune.klass == RuneClass::kLetter; }
inline bool IsNumber(const RuneAt& rune) { return rune.klass == RuneClass::kNumber; }
inline bool IsSpace(const RuneAt& rune) { return rune.klass == RuneClass::kSpace; }
// [^\s\p{L}\p{N}]
inline bool IsOther(const RuneAt& rune) {
  return rune.bytes > 0 && !IsSpace(rune) && !IsLetter(rune) && !IsNumber(rune);
}
inline bool IsLineBreak(const RuneAt& rune) {
  return rune.bytes > 0 && (rune.value == '\r' || rune.value == '\n');
}

// The first place at or behind `at` whose character is not `in_run`.
template <typename Predicate>
size_t RunEnd(std::string_view text, size_t at, Predicate in_run) {
  for (RuneAt rune = PeekRune(text, at); rune.bytes > 0 && in_run(rune);
       rune = PeekRune(text, at)) {
    at += rune.bytes;
  }
  return at;
}

// A step that isolates matches of `x+`: the run at the front, or else what stands before the first
// one.
template <typename Predicate>
size_t IsolateRuns(std::string_view text, Predicate x) {
  if (x(PeekRune(text, 0))) return RunEnd(text, 0, x);
  return RunEnd(text, 0, [&](const RuneAt& rune) { return !x(rune); });
}

inline bool IsMark(const RuneAt& rune) { return rune.klass == RuneClass::kMark; }
// [\p{P}\p{S}]
inline bool IsSign(const RuneAt& rune) {
  return rune.klass == RuneClass::kPunctuation || rune.klass == RuneClass::kSymbol;
}

// A step that isolates matches of an expression: `match` says how many bytes it matches at the
// front of a text, 0 if it doesn't. Linear where `match` fails in constant time.
template <typename Match>
size_t Isolate(std::string_view text, Match match) {
  size_t at = match(text);
  if (at > 0) return at;
  do {
    at += PeekRune(text, at).bytes;
  } while (at < text.size() && match(text.substr(at)) == 0);
  return at;
}

// Isolates \p{N} with at most `max_digits` in a piece.
size_t IsolateNumbers(std::string_view text, size_t max_digits);

// Isolates \s?x+.
template <typename Predicate>
size_t IsolateSpacedRuns(std::string_view text, Predicate x) {
  return Isolate(text, [&](std::string_view rest) -> size_t {
    const RuneAt first = PeekRune(rest, 0);
    if (x(first)) return RunEnd(rest, 0, x);
    return IsSpace(first) && x(PeekRune(rest, first.bytes)) ? RunEnd(rest, first.bytes, x) : 0;
  });
}

// 's|'t|'re|'ve|'m|'ll|'d at the front, 0 if there is none; `any_case` accepts ASCII capitals too.
size_t Contraction(std::string_view text, bool any_case);

// The word that `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
// matches.
size_t Gpt2Word(std::string_view text);

// How the expressions differ that go back to tiktoken's: alternatives for contractions, letters
// with one sign before them, numbers, signs, line breaks, spaces, in this order.
struct WordRules {
  enum class Contractions { kNone, kInFront, kBehind };  // of the letters
  size_t max_digits = 3;
  Contractions contractions = Contractions::kInFront;
  bool marks = false;    // \p{M} counts as a letter: letters are [\p{L}\p{M}]+
  bool by_case = false;  // letters are U*L+|U+L* with U IsCapitalLike, L IsSmallLike
  bool no_han = false;   // with by_case: without Han characters, which are words of their own
  std::string_view behind_signs = "\r\n";  // characters that signs take with them
};

// For the default rules this is
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,max_digits}|
//    ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
size_t Word(std::string_view text, const WordRules& rules);
inline size_t Llama3Word(std::string_view text, size_t max_digits) {
  return Word(text, {.max_digits = max_digits});
}

// White space at the front: \s*[\r\n]+|\s+(?!\S)|\s+
size_t SpaceOrBreaks(std::string_view text);

// \s+(?!\S)|\s+
size_t SpacesBeforeWord(std::string_view text);

// Isolates [0-9][0-9][0-9].
size_t ThreeDigits(std::string_view text);
// Isolates \p{N}+ in groups of three that are counted from its end.
size_t NumbersFromEnd(std::string_view text);

// Ranges of characters, ascending and disjoint.
struct RuneRange {
  char32_t first;
  char32_t last;
};
bool IsWithin(char32_t rune, std::span<const RuneRange> ranges);

// \p{Han}, but for rare radicals and numerals.
bool IsHan(char32_t rune);

// [U+4E00-U+9FA5 U+3040-U+30FF], and [U+0800-U+9FA5 U+AC00-U+D7FF]: what DeepSeek's expressions
// take for Chinese with Japanese and with Korean.
inline bool IsChineseOrJapanese(char32_t rune) {
  return (rune >= 0x4E00 && rune <= 0x9FA5) || (rune >= 0x3040 && rune <= 0x30FF);
}
inline bool IsChineseOrKorean(char32_t rune) {
  return (rune >= 0x800 && rune <= 0x9FA5) || (rune >= 0xAC00 && rune <= 0xD7FF);
}

}  // namespace ledge
