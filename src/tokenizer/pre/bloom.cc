// Bloom, Poro and Viking: a space and what stands up to the next space or sign that ends a clause:
//    ?[^(\s|.,!?...)]+    and for Viking every digit on its own
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_bloom {

constexpr std::u32string_view kEnds = U"(|.,!?)\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C";

bool IsInWord(const RuneAt& rune) {
  return rune.bytes > 0 && !IsSpace(rune) && kEnds.find(rune.value) == std::u32string_view::npos;
}
size_t Words(std::string_view text) {
  return Isolate(text, [](std::string_view rest) -> size_t {
    const size_t lead = rest[0] == ' ' ? 1 : 0;
    const size_t end = RunEnd(rest, lead, IsInWord);
    return end > lead ? end : 0;
  });
}
size_t SingleNumbers(std::string_view text) { return IsolateNumbers(text, 1); }

constexpr std::string_view kNames[] = {"bloom", "poro-chat", "gpt3-finnish"};
constexpr WordStep kSteps[] = {Words};
constexpr std::string_view kVikingNames[] = {"viking"};
constexpr WordStep kVikingSteps[] = {Words, SingleNumbers};

}  // namespace pre_bloom

extern const PreTokenizer kPreBloom;
constinit const PreTokenizer kPreBloom = {.names = pre_bloom::kNames, .steps = pre_bloom::kSteps};

extern const PreTokenizer kPreViking;
constinit const PreTokenizer kPreViking = {.names = pre_bloom::kVikingNames,
                                           .steps = pre_bloom::kVikingSteps};

}  // namespace ledge
