#include "engine/continuation.h"

#include <string>

namespace ledge {

std::vector<Token> ContinuationTokens(const Tokenizer& tokenizer, std::string_view before,
                                      std::string_view text) {
  const std::string whole = std::string(before) + std::string(text);
  const auto encoded = tokenizer.Encode(whole);
  if (!encoded.ok()) return {};
  std::string printed;
  std::vector<size_t> ends;  // of the tokens
  for (const Token token : *encoded) {
    if (!tokenizer.IsToken(token)) return {};
    tokenizer.AppendPiece(token, false, printed);
    ends.push_back(printed.size());
  }
  // A space may have been put in front, or the bytes of U+2581 where no token is one.
  if (!printed.ends_with(whole)) return {};
  const size_t added = printed.size() - whole.size();
  if (added > std::string_view("\u2581").size()) return {};
  const size_t border = added + before.size();
  size_t first = 0;
  while (first < ends.size() && ends[first] < border) ++first;
  if (border > 0) {
    if (first == ends.size() || ends[first] != border) return {};
    ++first;
  }
  return {encoded->begin() + static_cast<std::ptrdiff_t>(first), encoded->end()};
}

}  // namespace ledge
