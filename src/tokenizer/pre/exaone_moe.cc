// EXAONE MoE: words of letters hang together over single spaces:
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}|
//    ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_exaone_moe {

size_t Words(std::string_view text) {
  if (const size_t length = Contraction(text, true); length > 0) return length;
  const RuneAt first = PeekRune(text, 0);
  if (IsNumber(first)) return first.bytes;
  size_t end = IsLetter(first) || IsLineBreak(first) ? 0 : first.bytes;
  if (IsLetter(PeekRune(text, end))) {
    for (;;) {
      const size_t lead = end < text.size() && text[end] == ' ' ? 1 : 0;
      const RuneAt rune = PeekRune(text, end + lead);
      if (!IsLetter(rune)) return end;
      end = RunEnd(text, end + lead + rune.bytes, IsMark);
    }
  }
  const size_t lead = text[0] == ' ' ? 1 : 0;
  if (!IsOther(PeekRune(text, lead))) return SpaceOrBreaks(text);
  end = RunEnd(text, lead, IsOther);
  return end < text.size() && (IsLineBreak(PeekRune(text, end)) || text[end] == '/') ? end + 1
                                                                                     : end;
}

constexpr std::string_view kNames[] = {"exaone-moe"};
constexpr WordStep kSteps[] = {Words};

}  // namespace pre_exaone_moe

extern const PreTokenizer kPreExaoneMoe;
constinit const PreTokenizer kPreExaoneMoe = {.names = pre_exaone_moe::kNames,
                                              .steps = pre_exaone_moe::kSteps};

}  // namespace ledge
