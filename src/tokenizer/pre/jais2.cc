// Jais 2: Llama 3's words, but spaces in pieces of 512, 256, ... 4, 2 and 1:
//   ...|\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|...|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_jais2 {

size_t Words(std::string_view text) { return Llama3Word(text, 3); }

// What the first step leaves whole: a run of white space, without the character that goes to the
// word behind it.
size_t Spaces(std::string_view text) {
  constexpr size_t kMostSpaces = 512;
  if (text.ends_with('\r') || text.ends_with('\n')) return text.size();
  size_t ends[kMostSpaces + 1] = {};
  size_t count = 0;
  while (count < kMostSpaces) {
    const RuneAt rune = PeekRune(text, ends[count]);
    if (!IsSpace(rune)) break;
    ends[count + 1] = ends[count] + rune.bytes;
    ++count;
  }
  // No white space, or one character of it in front of a word.
  if (count == 0 || (count == 1 && ends[1] < text.size())) return text.size();
  size_t piece = kMostSpaces;
  while (piece > count) piece /= 2;
  return ends[piece];
}

constexpr std::string_view kNames[] = {"jais-2"};
constexpr WordStep kSteps[] = {Words, Spaces};

}  // namespace pre_jais2

extern const PreTokenizer kPreJais2;
constinit const PreTokenizer kPreJais2 = {.names = pre_jais2::kNames, .steps = pre_jais2::kSteps};

}  // namespace ledge
