// Chameleon: tokens that stand for images and sentinels, tabs, line breaks and pairs of spaces,
// digits and signs one by one, and GPT-2's words in what is left:
//   <sentinel:[0-9]+>    (IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z    ([\t\n]|    |  )    \p{N}
//   [\p{P}!-/:-@\[-`{-~]    's|'t|...|\s+(?!\S)
#include <algorithm>

#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_chameleon {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

size_t Sentinels(std::string_view text) {
  return Isolate(text, [](std::string_view rest) -> size_t {
    constexpr std::string_view kBegin = "<sentinel:";
    if (!rest.starts_with(kBegin)) return 0;
    size_t end = kBegin.size();
    while (end < rest.size() && IsDigit(rest[end])) ++end;
    return end > kBegin.size() && end < rest.size() && rest[end] == '>' ? end + 1 : 0;
  });
}

size_t Images(std::string_view text) {
  return Isolate(text, [](std::string_view rest) -> size_t {
    constexpr std::string_view kBegin = "IMGIMG";
    constexpr size_t kMaxLetters = 4;
    if (!rest.starts_with(kBegin)) return 0;
    size_t end = kBegin.size();
    while (end < rest.size() && end < kBegin.size() + kMaxLetters && rest[end] >= 'A' &&
           rest[end] <= 'I') {
      ++end;
    }
    return end > kBegin.size() && end < rest.size() && rest[end] == 'Z' ? end + 1 : 0;
  });
}

size_t Layout(std::string_view text) {
  return Isolate(text, [](std::string_view rest) -> size_t {
    if (rest.empty()) return 0;
    if (rest[0] == '\t' || rest[0] == '\n') return 1;
    if (rest.starts_with("    ")) return 4;
    return rest.starts_with("  ") ? 2 : 0;
  });
}

size_t Digits(std::string_view text) { return IsolateNumbers(text, 1); }

bool IsSignOfAnyKind(const RuneAt& rune) {
  if (rune.klass == RuneClass::kPunctuation) return true;
  return rune.bytes == 1 && rune.value > ' ' && rune.value < 0x7F &&
         !(rune.value >= '0' && rune.value <= '9') && !IsLetter(rune);
}
size_t Signs(std::string_view text) {
  return Isolate(text, [](std::string_view rest) -> size_t {
    const RuneAt rune = PeekRune(rest, 0);
    return IsSignOfAnyKind(rune) ? rune.bytes : 0;
  });
}

constexpr std::string_view kNames[] = {"chameleon"};
constexpr WordStep kSteps[] = {Sentinels, Images, Layout, Digits, Signs, Gpt2Word};

}  // namespace pre_chameleon

extern const PreTokenizer kPreChameleon;
constinit const PreTokenizer kPreChameleon = {
    .names = pre_chameleon::kNames, .steps = pre_chameleon::kSteps, .adds_bos = true};

}  // namespace ledge
