// DeepSeek V3: numbers in threes, then Chinese and Japanese, then words:
//   \p{N}{1,3}    [CJK]+    [!-/:-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
//    ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
// Spark ends signs before line breaks and has each of these on its own; AFMoE groups digits from a
// number's end and has more scripts apart.
#include <algorithm>

#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_deepseek3 {

bool IsAsciiLetter(const RuneAt& rune) { return rune.value < 128 && IsLetter(rune); }
bool IsAsciiSign(const RuneAt& rune) {
  return rune.value > ' ' && rune.value < 127 && IsOther(rune);
}
bool IsMarkedLetter(const RuneAt& rune) { return IsLetter(rune) || IsMark(rune); }

// All alternatives up to the signs; 0 if none matches.
size_t LettersOrSigns(std::string_view text, std::string_view behind_signs) {
  const RuneAt first = PeekRune(text, 0);
  if (IsAsciiSign(first) && IsAsciiLetter(PeekRune(text, 1))) {
    return RunEnd(text, 1, IsAsciiLetter);
  }
  const bool leads = !IsLineBreak(first) && !IsLetter(first) && !IsSign(first);
  if (leads && IsMarkedLetter(PeekRune(text, first.bytes))) {
    return RunEnd(text, first.bytes, IsMarkedLetter);
  }
  if (IsMarkedLetter(first)) return RunEnd(text, 0, IsMarkedLetter);
  const size_t lead = text[0] == ' ' ? 1 : 0;
  if (!IsSign(PeekRune(text, lead))) return 0;
  const size_t end = RunEnd(text, lead, IsSign);
  return std::min(text.find_first_not_of(behind_signs, end), text.size());
}

size_t MatchWord(std::string_view text) {
  if (const size_t length = LettersOrSigns(text, "\r\n"); length > 0) return length;
  return IsSpace(PeekRune(text, 0)) ? SpaceOrBreaks(text) : 0;
}
size_t MatchSparkWord(std::string_view text) {
  if (const size_t length = LettersOrSigns(text, ""); length > 0) return length;
  const RuneAt first = PeekRune(text, 0);
  if (IsLineBreak(first)) return 1;
  return IsSpace(first) ? SpacesBeforeWord(text) : 0;
}

size_t ThreeNumbers(std::string_view text) { return IsolateNumbers(text, 3); }
size_t SingleNumbers(std::string_view text) { return IsolateNumbers(text, 1); }
size_t Cjk(std::string_view text) {
  return IsolateRuns(text, [](const RuneAt& rune) { return IsChineseOrJapanese(rune.value); });
}
size_t Words(std::string_view text) { return Isolate(text, MatchWord); }
size_t SparkWords(std::string_view text) { return Isolate(text, MatchSparkWord); }

constexpr RuneRange kAsian[] = {
    {0xE40, 0xE7F},   {0xE80, 0xEFF},   {0x1000, 0x109F}, {0x1100, 0x11FF}, {0x1780, 0x17FF},
    {0x2F00, 0x2FDF}, {0x3040, 0x30FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA9E0, 0xA9FF},
    {0xAA60, 0xAA7F}, {0xAC00, 0xD7AF}, {0xF900, 0xFAFF}, {0xFF65, 0xFF9F},
};
size_t Asian(std::string_view text) {
  return IsolateRuns(text, [](const RuneAt& rune) { return IsWithin(rune.value, kAsian); });
}

constexpr std::string_view kNames[] = {"deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"};
constexpr WordStep kSteps[] = {ThreeNumbers, Cjk, Words};
constexpr std::string_view kSparkNames[] = {"spark2_5"};
constexpr WordStep kSparkSteps[] = {ThreeNumbers, Cjk, SparkWords, SingleNumbers};
constexpr std::string_view kAfmoeNames[] = {"afmoe"};
constexpr WordStep kAfmoeSteps[] = {NumbersFromEnd, ThreesFromFront, Asian, Words};

}  // namespace pre_deepseek3

extern const PreTokenizer kPreDeepseek3;
constinit const PreTokenizer kPreDeepseek3 = {.names = pre_deepseek3::kNames,
                                              .steps = pre_deepseek3::kSteps};

extern const PreTokenizer kPreSpark;
constinit const PreTokenizer kPreSpark = {.names = pre_deepseek3::kSparkNames,
                                          .steps = pre_deepseek3::kSparkSteps};

extern const PreTokenizer kPreAfmoe;
constinit const PreTokenizer kPreAfmoe = {.names = pre_deepseek3::kAfmoeNames,
                                          .steps = pre_deepseek3::kAfmoeSteps};

}  // namespace ledge
