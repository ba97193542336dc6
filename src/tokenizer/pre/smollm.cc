// GPT-2's words with every digit on its own: `\p{N}`, then GPT-2's expression.
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_smollm {

size_t SingleNumbers(std::string_view text) {
  const RuneAt first = PeekRune(text, 0);
  return IsNumber(first) ? first.bytes : IsolateRuns(text, IsNumber);
}

constexpr std::string_view kNames[] = {"smollm",    "starcoder", "refact",     "command-r",
                                       "codeshell", "exaone",    "minerva-7b", "mellum2"};
constexpr WordStep kSteps[] = {SingleNumbers, Gpt2Word};

}  // namespace pre_smollm

extern const PreTokenizer kPreSmollm;
constinit const PreTokenizer kPreSmollm = {.names = pre_smollm::kNames,
                                           .steps = pre_smollm::kSteps};

}  // namespace ledge
