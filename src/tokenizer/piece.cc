#include "tokenizer/piece.h"

#include "tokenizer/byte_alphabet.h"
#include "tokenizer/spm_text.h"

namespace ledge {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::optional<uint8_t> ParseByteToken(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return std::nullopt;
  const int high = HexDigit(text[3]);
  const int low = HexDigit(text[4]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<uint8_t>(high * 16 + low);
}

void AppendPieceOf(Spelling spelling, TokenType type, std::string_view text, std::string& out) {
  switch (type) {
    case TokenType::kByte:
      out.push_back(static_cast<char>(ParseByteToken(text).value_or(0)));
      return;
    case TokenType::kControl:
    case TokenType::kUnknown:
      out += text;
      return;
    default:
      break;
  }
  if (spelling == Spelling::kMarkedSpaces) {
    out += SpmUnescape(text);
  } else if (spelling == Spelling::kByteAlphabet && type != TokenType::kUserDefined) {
    out += DecodeByteText(text);
  } else {
    out += text;
  }
}

}  // namespace ledge
