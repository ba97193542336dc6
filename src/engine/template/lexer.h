// Template source -> tokens, with Jinja's whitespace control as transformers sets it: trim_blocks
// (the newline after a block or comment goes), lstrip_blocks (blanks before a block or comment that
// starts its line go), and no newline at the end of the source. Source: "Template Designer
// Documentation" of Jinja 3.1, section "Whitespace Control".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ledge::jinja {

enum class TokenKind : uint8_t {
  kData,           // text outside of tags
  kVariableBegin,  // {{
  kVariableEnd,
  kBlockBegin,  // {%
  kBlockEnd,
  kName,
  kString,  // with its quotes
  kInteger,
  kFloat,
  kOperator,
  kEnd,
};

struct LexerToken {
  TokenKind kind = TokenKind::kEnd;
  int line = 1;
  std::string_view text;  // into the source that was given
};

// "\r\n" and "\r" become "\n"; one newline at the very end goes.
std::string NormalizeSource(std::string_view source);

// `source` is normalised and must outlive the tokens. The last token is kEnd.
Result<std::vector<LexerToken>> Tokenize(std::string_view source);

// What a string literal (with its quotes) means; kMalformed for an escape that is none.
Result<std::string> DecodeString(std::string_view literal);

}  // namespace ledge::jinja
