#include "tokenizer/pre/matchers.h"

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

size_t Llama3Word(std::string_view text, size_t max_digits) {
  if (const size_t length = Contraction(text, true); length > 0) return length;
  const RuneAt first = PeekRune(text, 0);
  if (IsLetter(first)) return RunEnd(text, 0, IsLetter);
  if (IsNumber(first)) {
    size_t digits = 0;
    return RunEnd(text, 0,
                  [&](const RuneAt& rune) { return IsNumber(rune) && digits++ < max_digits; });
  }
  if (!IsLineBreak(first) && IsLetter(PeekRune(text, first.bytes))) {
    return RunEnd(text, first.bytes, IsLetter);
  }
  const size_t lead = text[0] == ' ' ? 1 : 0;
  if (IsOther(PeekRune(text, lead))) return RunEnd(text, RunEnd(text, lead, IsOther), IsLineBreak);
  const SpaceRun run = FindSpaceRun(text);
  return run.line_break > 0 ? run.line_break : SpaceWord(run, text.size());
}

}  // namespace ledge
