// GPT-4o's words, which end where a capital follows small letters, and what others made of them.
// The classes of letters are those of the models' own tokenizer.json; llama.cpp takes every letter
// beyond ASCII for both.
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_gpt4o {

using Contractions = WordRules::Contractions;

size_t Words(std::string_view text) {
  return Word(text, {.max_digits = 3,
                     .contractions = Contractions::kBehind,
                     .by_case = true,
                     .behind_signs = "\r\n/"});
}
size_t TekkenWords(std::string_view text) {
  return Word(text, {.max_digits = 1,
                     .contractions = Contractions::kNone,
                     .by_case = true,
                     .behind_signs = "\r\n/"});
}
size_t KimiWords(std::string_view text) {
  return Word(text, {.contractions = Contractions::kBehind, .by_case = true, .no_han = true});
}
size_t YoutuWords(std::string_view text) {
  return Word(text, {.max_digits = 1,
                     .contractions = Contractions::kBehind,
                     .by_case = true,
                     .behind_signs = "\r\n/"});
}

// \d{1,3}(?=(?:\d{3})*\b)
size_t NumbersFromBoundary(std::string_view text) {
  const auto joins = [](const RuneAt& rune) {
    return IsLetter(rune) || IsMark(rune) || rune.value == '_';
  };
  if (IsNumber(PeekRune(text, 0)) && !joins(PeekRune(text, RunEnd(text, 0, IsNumber)))) {
    return NumbersFromEnd(text);
  }
  size_t at = 0;
  for (RuneAt rune = PeekRune(text, at); rune.bytes > 0; rune = PeekRune(text, at)) {
    const size_t end = IsNumber(rune) ? RunEnd(text, at, IsNumber) : at + rune.bytes;
    if (IsNumber(rune) && at > 0 && !joins(PeekRune(text, end))) break;
    at = end;
  }
  return at;
}

// [Hangul]+|[fullwidth signs]+|[Bopomofo]+|[Chinese and Japanese]+
constexpr RuneRange kHangul[] = {{0x3131, 0x318E}, {0xAC00, 0xD7A3}};
constexpr RuneRange kWideSigns[] = {
    {0x2014, 0x2014}, {0x2018, 0x2019}, {0x201C, 0x201D}, {0x2026, 0x2026}, {0x3001, 0x303F},
    {0xFE30, 0xFE4F}, {0xFF01, 0xFF01}, {0xFF0C, 0xFF0C}, {0xFF1A, 0xFF1B},
};
constexpr RuneRange kBopomofo[] = {{0x3105, 0x312F}};
size_t Scripts(std::string_view text) {
  return Isolate(text, [](std::string_view rest) -> size_t {
    for (const std::span<const RuneRange> ranges :
         {std::span<const RuneRange>(kHangul), std::span<const RuneRange>(kWideSigns),
          std::span<const RuneRange>(kBopomofo)}) {
      const auto within = [&](const RuneAt& rune) { return IsWithin(rune.value, ranges); };
      if (const size_t end = RunEnd(rest, 0, within); end > 0) return end;
    }
    return RunEnd(rest, 0, [](const RuneAt& rune) { return IsChineseOrJapanese(rune.value); });
  });
}

constexpr std::string_view kNames[] = {"gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"};
constexpr WordStep kSteps[] = {Words};
constexpr std::string_view kWholeNames[] = {"granite-embed-multi-97m"};
constexpr std::string_view kTekkenNames[] = {"tekken"};
constexpr WordStep kTekkenSteps[] = {TekkenWords};
constexpr std::string_view kKimiNames[] = {"kimi-k2"};
constexpr WordStep kKimiSteps[] = {KimiWords};
constexpr std::string_view kAyaNames[] = {"tiny_aya", "cohere2moe"};
constexpr WordStep kAyaSteps[] = {NumbersFromBoundary, ThreesFromFront, Words};
constexpr std::string_view kYoutuNames[] = {"youtu"};
constexpr WordStep kYoutuSteps[] = {Scripts, YoutuWords};

}  // namespace pre_gpt4o

extern const PreTokenizer kPreGpt4o;
constinit const PreTokenizer kPreGpt4o = {.names = pre_gpt4o::kNames, .steps = pre_gpt4o::kSteps};

extern const PreTokenizer kPreGpt4oWhole;
constinit const PreTokenizer kPreGpt4oWhole = {
    .names = pre_gpt4o::kWholeNames, .steps = pre_gpt4o::kSteps, .whole_words = true};

extern const PreTokenizer kPreTekken;
constinit const PreTokenizer kPreTekken = {.names = pre_gpt4o::kTekkenNames,
                                           .steps = pre_gpt4o::kTekkenSteps,
                                           .whole_words = true,
                                           .adds_bos = true};

extern const PreTokenizer kPreKimi;
constinit const PreTokenizer kPreKimi = {.names = pre_gpt4o::kKimiNames,
                                         .steps = pre_gpt4o::kKimiSteps};

extern const PreTokenizer kPreAya;
constinit const PreTokenizer kPreAya = {.names = pre_gpt4o::kAyaNames,
                                        .steps = pre_gpt4o::kAyaSteps};

extern const PreTokenizer kPreYoutu;
constinit const PreTokenizer kPreYoutu = {
    .names = pre_gpt4o::kYoutuNames, .steps = pre_gpt4o::kYoutuSteps, .whole_words = true};

}  // namespace ledge
