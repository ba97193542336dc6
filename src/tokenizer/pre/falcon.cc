// Falcon: punctuation apart, GPT-2's words, digits in threes:
//   [\p{P}\$\+<=>\^~\|`]+    's|'t|...|\s+(?!\S)    [0-9][0-9][0-9]
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_falcon {

bool IsApart(const RuneAt& rune) {
  return rune.klass == RuneClass::kPunctuation ||
         (rune.bytes == 1 && std::string_view("$+<=>^~|`").find(static_cast<char>(rune.value)) !=
                                 std::string_view::npos);
}

size_t Punctuation(std::string_view text) { return IsolateRuns(text, IsApart); }

constexpr std::string_view kNames[] = {"falcon"};
constexpr WordStep kSteps[] = {Punctuation, Gpt2Word, ThreeDigits};

}  // namespace pre_falcon

extern const PreTokenizer kPreFalcon;
constinit const PreTokenizer kPreFalcon = {.names = pre_falcon::kNames,
                                           .steps = pre_falcon::kSteps};

}  // namespace ledge
