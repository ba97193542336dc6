// Qwen 2 and 3: Llama 3's words with every digit on its own.
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_qwen2 {

size_t Word(std::string_view text) { return Llama3Word(text, 1); }

constexpr std::string_view kNames[] = {"qwen2",   "deepseek-r1-qwen", "kormo",       "megrez",
                                       "hunyuan", "stablelm2",        "solar-open",  "f2llmv2",
                                       "grok-2",  "bailingmoe",       "bailingmoe2", "llada-moe"};
constexpr WordStep kSteps[] = {Word};

}  // namespace pre_qwen2

extern const PreTokenizer kPreQwen2;
constinit const PreTokenizer kPreQwen2 = {.names = pre_qwen2::kNames, .steps = pre_qwen2::kSteps};

}  // namespace ledge
