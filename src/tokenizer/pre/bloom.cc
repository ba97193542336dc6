// Bloom, Poro and Viking: a space and what stands up to the next space or sign that ends a clause:
//    ?[^(\s|.,!?...)]+    and for Viking every digit on its own
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace {

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

}  // namespace

extern const PreTokenizer kPreBloom;
constinit const PreTokenizer kPreBloom = {.names = kNames, .steps = kSteps};

extern const PreTokenizer kPreViking;
constinit const PreTokenizer kPreViking = {.names = kVikingNames, .steps = kVikingSteps};

}  // namespace ledge
