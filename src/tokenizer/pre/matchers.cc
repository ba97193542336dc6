#include "tokenizer/pre/matchers.h"

#include <algorithm>
#include <iterator>

namespace ledge {
namespace {

// White space at the front: \s+(?!\S)|\s+, that is, all of it at the text's end, else all but the
// last character, which goes to the word behind it, unless it is the only one.
struct SpaceRun {
  size_t end = 0;         // behind the run
  size_t last = 0;        // where its last character begins
  size_t line_break = 0;  // behind its last line break; 0 if there is none
};

SpaceRun FindSpaceRun(std::string_view text) {
  SpaceRun run;
  for (RuneAt rune = PeekRune(text, 0); IsSpace(rune); rune = PeekRune(text, run.end)) {
    run.last = run.end;
    run.end += rune.bytes;
    if (IsLineBreak(rune)) run.line_break = run.end;
  }
  return run;
}

size_t SpaceWord(const SpaceRun& run, size_t text_size) {
  return run.last > 0 && run.end < text_size ? run.last : run.end;
}

// U*L+ at `at`, else U+L*, as expressions match them: greedy, with U giving back what L needs.
struct CaseRun {
  size_t small_end = 0;  // behind U*L+; 0: no match
  size_t end = 0;        // behind U+L*; 0: no match
};
CaseRun FindCaseRun(std::string_view text, size_t at, bool no_han) {
  const auto fits = [&](const RuneAt& rune) { return !no_han || !IsHan(rune.value); };
  const auto small = [&](const RuneAt& rune) {
    return rune.bytes > 0 && IsSmallLike(rune.value) && fits(rune);
  };
  CaseRun run;
  size_t end = at;
  for (RuneAt rune = PeekRune(text, end); rune.bytes > 0 && IsCapitalLike(rune.value) && fits(rune);
       rune = PeekRune(text, end)) {
    end += rune.bytes;
    if (small(rune)) run.small_end = end;
  }
  const size_t small_end = RunEnd(text, end, small);
  if (small_end > end) {
    run.small_end = small_end;
  }
  if (end > at) run.end = small_end;
  return run;
}

size_t CaseWord(std::string_view text, size_t lead, bool no_han) {
  const CaseRun led = FindCaseRun(text, lead, no_han);
  if (led.small_end > 0) return led.small_end;
  const CaseRun bare = lead > 0 ? FindCaseRun(text, 0, no_han) : led;
  if (bare.small_end > 0) return bare.small_end;
  return led.end > 0 ? led.end : bare.end;
}

size_t LetterWord(std::string_view text, size_t lead, bool marks) {
  const auto letter = [&](const RuneAt& rune) { return IsLetter(rune) || (marks && IsMark(rune)); };
  if (lead > 0 && letter(PeekRune(text, lead))) return RunEnd(text, lead, letter);
  return RunEnd(text, 0, letter);
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

size_t Contraction(std::string_view text, bool any_case) {
  if (text.size() < 2 || text[0] != '\'') return 0;
  const auto at = [&](size_t i) { return any_case ? Lower(text[i]) : text[i]; };
  const char first = at(1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  if (text.size() < 3) return 0;
  const char second = at(2);
  const bool pair = (first == 'r' && second == 'e') || (first == 'v' && second == 'e') ||
                    (first == 'l' && second == 'l');
  return pair ? 3 : 0;
}

size_t Gpt2Word(std::string_view text) {
  if (const size_t length = Contraction(text, false); length > 0) return length;
  const size_t lead = text[0] == ' ' ? 1 : 0;
  const RuneAt rune = PeekRune(text, lead);
  if (IsLetter(rune)) return RunEnd(text, lead, IsLetter);
  if (IsNumber(rune)) return RunEnd(text, lead, IsNumber);
  if (IsOther(rune)) return RunEnd(text, lead, IsOther);
  return SpaceWord(FindSpaceRun(text), text.size());
}

size_t SpaceOrBreaks(std::string_view text) {
  const SpaceRun run = FindSpaceRun(text);
  return run.line_break > 0 ? run.line_break : SpaceWord(run, text.size());
}

size_t Word(std::string_view text, const WordRules& rules) {
  using Contractions = WordRules::Contractions;
  if (rules.contractions == Contractions::kInFront) {
    if (const size_t length = Contraction(text, true); length > 0) return length;
  }
  const RuneAt first = PeekRune(text, 0);
  if (rules.no_han && IsHan(first.value)) {
    return RunEnd(text, 0, [](const RuneAt& rune) { return IsHan(rune.value); });
  }
  if (!IsNumber(first)) {
    const size_t lead = IsLetter(first) || IsLineBreak(first) ? 0 : first.bytes;
    size_t end =
        rules.by_case ? CaseWord(text, lead, rules.no_han) : LetterWord(text, lead, rules.marks);
    if (end > 0 && rules.contractions == Contractions::kBehind) {
      end += Contraction(text.substr(end), true);
    }
    if (end > 0) return end;
  } else {
    size_t digits = 0;
    return RunEnd(
        text, 0, [&](const RuneAt& rune) { return IsNumber(rune) && digits++ < rules.max_digits; });
  }
  const auto sign = [&](const RuneAt& rune) {
    return IsOther(rune) && !(rules.marks && IsMark(rune));
  };
  const size_t lead = text[0] == ' ' ? 1 : 0;
  if (sign(PeekRune(text, lead))) {
    const size_t end = RunEnd(text, lead, sign);
    return std::min(text.find_first_not_of(rules.behind_signs, end), text.size());
  }
  return SpaceOrBreaks(text);
}

size_t IsolateNumbers(std::string_view text, size_t max_digits) {
  if (!IsNumber(PeekRune(text, 0))) return IsolateRuns(text, IsNumber);
  size_t digits = 0;
  return RunEnd(text, 0,
                [&](const RuneAt& rune) { return IsNumber(rune) && digits++ < max_digits; });
}

size_t ThreeDigits(std::string_view text) {
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
    if (digits == 3) return i == 2 ? 3 : i - 2;
  }
  return text.size();
}

size_t SpacesBeforeWord(std::string_view text) {
  return SpaceWord(FindSpaceRun(text), text.size());
}

size_t NumbersFromEnd(std::string_view text) {
  if (!IsNumber(PeekRune(text, 0))) return IsolateRuns(text, IsNumber);
  size_t digits = 0;
  RunEnd(text, 0, [&](const RuneAt& rune) { return IsNumber(rune) && ++digits > 0; });
  size_t left = digits % 3 == 0 ? 3 : digits % 3;
  return RunEnd(text, 0, [&](const RuneAt&) { return left-- > 0; });
}

bool IsWithin(char32_t rune, std::span<const RuneRange> ranges) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), rune,
                       [](char32_t value, const RuneRange& range) { return value < range.first; });
  return after != ranges.begin() && rune <= std::prev(after)->last;
}

bool IsHan(char32_t rune) {
  static constexpr RuneRange kHan[] = {
      {0x2E80, 0x2E99},   {0x2E9B, 0x2EF3},   {0x2F00, 0x2FD5},   {0x3005, 0x3005},
      {0x3007, 0x3007},   {0x3021, 0x3029},   {0x3038, 0x303B},   {0x3400, 0x4DBF},
      {0x4E00, 0x9FFF},   {0xF900, 0xFA6D},   {0xFA70, 0xFAD9},   {0x20000, 0x2A6DF},
      {0x2A700, 0x2EBE0}, {0x2F800, 0x2FA1D}, {0x30000, 0x323AF},
  };
  return rune >= 0x2E80 && IsWithin(rune, kHan);
}

}  // namespace ledge
