// Llama 3: numbers in threes, and a word that is a token is never merged anew.
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_llama3 {

size_t Word(std::string_view text) { return Llama3Word(text, 3); }

constexpr std::string_view kNames[] = {"llama-bpe", "llama3",    "llama-v3",
                                       "falcon3",   "falcon-h1", "pixtral",
                                       "midm-2.0",  "lfm2",      "jina-v5-nano"};
constexpr std::string_view kMergingNames[] = {"dbrx", "smaug-bpe"};
constexpr WordStep kSteps[] = {Word};

}  // namespace pre_llama3

extern const PreTokenizer kPreLlama3;
constinit const PreTokenizer kPreLlama3 = {.names = pre_llama3::kNames,
                                           .steps = pre_llama3::kSteps,
                                           .whole_words = true,
                                           .adds_bos = true};

// The same words, merged by rank alone.
extern const PreTokenizer kPreLlama3Merging;
constinit const PreTokenizer kPreLlama3Merging = {.names = pre_llama3::kMergingNames,
                                                  .steps = pre_llama3::kSteps};

}  // namespace ledge
