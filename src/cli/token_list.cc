#include "cli/token_list.h"

#include <charconv>

namespace ledge {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

void SkipSpace(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
}

}  // namespace

Result<std::vector<Token>> ParseTokens(const std::string& text, const std::string& what) {
  std::string_view rest = text;
  SkipSpace(rest);
  while (!rest.empty() && kSpace.find(rest.back()) != kSpace.npos) rest.remove_suffix(1);
  if (rest.size() >= 2 && rest.front() == '[' && rest.back() == ']')
    rest = rest.substr(1, rest.size() - 2);
  std::vector<Token> tokens;
  SkipSpace(rest);
  while (!rest.empty()) {
    Token token = 0;
    const auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), token);
    const size_t digits = static_cast<size_t>(end - rest.data());
    if (status != std::errc() || token < 0) {
      return MakeError(Code::kUsage, "{}: item {} ('{}') is not a token id; write ids like [1,2,3]",
                       what, tokens.size(), PrintableLine(rest.substr(0, rest.find(',')), 40));
    }
    if (tokens.size() == kMaxListedTokens) {
      return MakeError(Code::kUsage, "{}: has more than {} ids; give fewer", what,
                       kMaxListedTokens);
    }
    tokens.push_back(token);
    rest.remove_prefix(digits);
    SkipSpace(rest);
    if (rest.empty()) break;
    if (rest.front() != ',') {
      return MakeError(Code::kUsage,
                       "{}: '{}' after item {}; ids are separated by commas, like [1,2,3]", what,
                       PrintableLine(rest.substr(0, 1)), tokens.size() - 1);
    }
    rest.remove_prefix(1);
    SkipSpace(rest);
    if (rest.empty())
      return MakeError(Code::kUsage, "{}: ends in a comma; write ids like [1,2,3]", what);
  }
  return tokens;
}

}  // namespace ledge
