// What llama.cpp does for files that name no pre-tokenizer or "default": punctuation apart, GPT-2's
// words, numbers apart, digits in threes:
//   [\p{P}\$\+<=>\^~\|]+    's|'t|...|\s+(?!\S)    \p{N}+    [0-9][0-9][0-9]
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace {

bool IsPunctuation(const RuneAt& rune) {
  if (rune.klass == RuneClass::kPunctuation) return true;
  return rune.bytes == 1 && rune.value < 128 &&
         std::string_view("$+<=>^~|").find(static_cast<char>(rune.value)) != std::string_view::npos;
}

size_t Punctuation(std::string_view text) { return IsolateRuns(text, IsPunctuation); }
size_t Numbers(std::string_view text) { return IsolateRuns(text, IsNumber); }

size_t ThreeDigits(std::string_view text) {
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
    if (digits == 3) return i == 2 ? 3 : i - 2;
  }
  return text.size();
}

constexpr std::string_view kNames[] = {"default"};
constexpr WordStep kSteps[] = {Punctuation, Gpt2Word, Numbers, ThreeDigits};

}  // namespace

extern const PreTokenizer kPreDefault;
constinit const PreTokenizer kPreDefault = {.names = kNames, .steps = kSteps};

}  // namespace ledge
