// GPT-2's words, and models that took them over.
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_gpt2 {
constexpr std::string_view kNames[] = {
    "gpt-2",           "phi-2",       "mpt",        "olmo",        "jais",
    "trillion",        "exaone4",     "gigachat",   "mellum",      "a.x-4.0",
    "granite-docling", "jina-es",     "jina-de",    "jina-v2-es",  "jina-v2-de",
    "modern-bert",     "roberta-bpe", "jina-v1-en", "jina-v2-code"};
constexpr WordStep kSteps[] = {Gpt2Word};
}  // namespace pre_gpt2

extern const PreTokenizer kPreGpt2;
constinit const PreTokenizer kPreGpt2 = {.names = pre_gpt2::kNames, .steps = pre_gpt2::kSteps};

}  // namespace ledge
