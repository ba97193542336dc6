// Tokenizers that merge by rank but spell tokens in UTF-8 itself: Gemma 4 and Granite's
// multilingual embedding, Sarvam, which write spaces as U+2581 and cut at line breaks only, and
// Jina's Chinese embedding, which cuts at white space and drops it:
//   [^\n]+|[\n]+        \S+
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_raw {

size_t Lines(std::string_view text) {
  return IsolateRuns(text, [](const RuneAt& rune) { return rune.bytes > 0 && rune.value == '\n'; });
}
size_t Words(std::string_view text) {
  return IsolateRuns(text, [](const RuneAt& rune) { return rune.bytes > 0 && !IsSpace(rune); });
}

constexpr std::string_view kGemmaNames[] = {"gemma4", "granite-embed-multi-311m"};
constexpr std::string_view kSarvamNames[] = {"sarvam-moe"};
constexpr std::string_view kWhitespaceNames[] = {"whitespace"};
constexpr WordStep kLines[] = {Lines};
constexpr WordStep kWords[] = {Words};

}  // namespace pre_raw

// A run of line breaks that is a token is taken as it is.
extern const PreTokenizer kPreGemma4;
constinit const PreTokenizer kPreGemma4 = {.names = pre_raw::kGemmaNames,
                                           .steps = pre_raw::kLines,
                                           .spelling = Spelling::kMarkedSpaces,
                                           .whole_breaks = true};

extern const PreTokenizer kPreSarvam;
constinit const PreTokenizer kPreSarvam = {
    .names = pre_raw::kSarvamNames, .steps = pre_raw::kLines, .spelling = Spelling::kMarkedSpaces};

extern const PreTokenizer kPreWhitespace;
constinit const PreTokenizer kPreWhitespace = {
    .names = pre_raw::kWhitespaceNames, .steps = pre_raw::kWords, .spelling = Spelling::kPlain};

}  // namespace ledge
