// Small changes to Qwen 2's and Llama 3's words.
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_qwen_like {

// Qwen 3.5: marks are letters.
size_t Qwen35Words(std::string_view text) { return Word(text, {.max_digits = 1, .marks = true}); }
// Turkish endings stay with their apostrophe.
size_t TurkishWords(std::string_view text) {
  return Word(text, {.max_digits = 1, .contractions = WordRules::Contractions::kNone});
}
size_t LlamaWords(std::string_view text) { return Llama3Word(text, 3); }
size_t QwenWords(std::string_view text) { return Llama3Word(text, 1); }
size_t AnyDigits(std::string_view text) { return Llama3Word(text, text.size()); }
size_t ThreeNumbers(std::string_view text) { return IsolateNumbers(text, 3); }
// [^\n]+|[\n]+
size_t Lines(std::string_view text) {
  return IsolateRuns(text, [](const RuneAt& rune) { return rune.bytes > 0 && rune.value == '\n'; });
}
// Seed Coder: signs are ` ?[^\s\p{L}\p{N}\r\n]+`, without line breaks behind them.
size_t SeedWords(std::string_view text) {
  return Word(text, {.max_digits = 1, .behind_signs = ""});
}

constexpr std::string_view kQwen35Names[] = {"qwen35"};
constexpr WordStep kQwen35Steps[] = {Qwen35Words};
constexpr std::string_view kTurkishNames[] = {"ufakzeka"};
constexpr WordStep kTurkishSteps[] = {TurkishWords};
constexpr std::string_view kSeedNames[] = {"seed-coder"};
constexpr WordStep kSeedSteps[] = {SeedWords};
constexpr std::string_view kLagunaNames[] = {"laguna"};
constexpr WordStep kLagunaSteps[] = {Lines, QwenWords};
constexpr std::string_view kMinicpmNames[] = {"minicpm5"};
constexpr WordStep kMinicpmSteps[] = {ThreeNumbers, AnyDigits};
constexpr std::string_view kGlmNames[] = {"glm4", "glm5"};
constexpr std::string_view kOldGlmNames[] = {"chatglm-bpe"};
constexpr WordStep kGlmSteps[] = {LlamaWords};

}  // namespace pre_qwen_like

extern const PreTokenizer kPreQwen35;
constinit const PreTokenizer kPreQwen35 = {.names = pre_qwen_like::kQwen35Names,
                                           .steps = pre_qwen_like::kQwen35Steps};

extern const PreTokenizer kPreTurkish;
constinit const PreTokenizer kPreTurkish = {.names = pre_qwen_like::kTurkishNames,
                                            .steps = pre_qwen_like::kTurkishSteps};

extern const PreTokenizer kPreSeedCoder;
constinit const PreTokenizer kPreSeedCoder = {.names = pre_qwen_like::kSeedNames,
                                              .steps = pre_qwen_like::kSeedSteps};

extern const PreTokenizer kPreLaguna;
constinit const PreTokenizer kPreLaguna = {.names = pre_qwen_like::kLagunaNames,
                                           .steps = pre_qwen_like::kLagunaSteps};

extern const PreTokenizer kPreMinicpm;
constinit const PreTokenizer kPreMinicpm = {.names = pre_qwen_like::kMinicpmNames,
                                            .steps = pre_qwen_like::kMinicpmSteps,
                                            .whole_words = true};

extern const PreTokenizer kPreGlm;
constinit const PreTokenizer kPreGlm = {
    .names = pre_qwen_like::kGlmNames, .steps = pre_qwen_like::kGlmSteps, .whole_words = true};

extern const PreTokenizer kPreOldGlm;
constinit const PreTokenizer kPreOldGlm = {.names = pre_qwen_like::kOldGlmNames,
                                           .steps = pre_qwen_like::kGlmSteps};

}  // namespace ledge
