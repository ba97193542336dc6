// The parts that pre-tokenizers' regular expressions are made of. All lengths are in bytes.
#pragma once

#include <cstddef>
#include <string_view>

#include "tokenizer/rune_class.h"

namespace ledge {

inline bool IsLetter(const RuneAt& rune) { return rune.klass == RuneClass::kLetter; }
inline bool IsNumber(const RuneAt& rune) { return rune.klass == RuneClass::kNumber; }
inline bool IsSpace(const RuneAt& rune) { return rune.klass == RuneClass::kSpace; }
// [^\s\p{L}\p{N}]
inline bool IsOther(const RuneAt& rune) {
  return rune.klass == RuneClass::kPunctuation || rune.klass == RuneClass::kOther;
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

// 's|'t|'re|'ve|'m|'ll|'d at the front, 0 if there is none; `any_case` accepts ASCII capitals too.
size_t Contraction(std::string_view text, bool any_case);

// The word that `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
// matches.
size_t Gpt2Word(std::string_view text);

// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,max_digits}|
//  ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
size_t Llama3Word(std::string_view text, size_t max_digits);

}  // namespace ledge
