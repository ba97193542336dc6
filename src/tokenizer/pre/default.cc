// What llama.cpp does for files that name no pre-tokenizer or "default": punctuation apart, GPT-2's
// words, numbers apart, digits in threes:
//   [\p{P}\$\+<=>\^~\|]+    's|'t|...|\s+(?!\S)    \p{N}+    [0-9][0-9][0-9]
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_default {

bool IsPunctuation(const RuneAt& rune) {
  if (rune.klass == RuneClass::kPunctuation) return true;
  return rune.bytes == 1 && rune.value < 128 &&
         std::string_view("$+<=>^~|").find(static_cast<char>(rune.value)) != std::string_view::npos;
}

size_t Punctuation(std::string_view text) { return IsolateRuns(text, IsPunctuation); }
size_t Numbers(std::string_view text) { return IsolateRuns(text, IsNumber); }

constexpr std::string_view kNames[] = {"default"};
constexpr WordStep kSteps[] = {Punctuation, Gpt2Word, Numbers, ThreeDigits};

}  // namespace pre_default

extern const PreTokenizer kPreDefault;
constinit const PreTokenizer kPreDefault = {.names = pre_default::kNames,
                                            .steps = pre_default::kSteps};

}  // namespace ledge
