// What a token prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tokenizer/pre/pre_tokenizer.h"
#include "tokenizer/token.h"

namespace ledge {

// Appends what a token with that text in the model file prints: bytes of a byte token, the text of
// control tokens as it is, U+2581 as spaces or the alphabet's bytes, as `spelling` says.
void AppendPieceOf(Spelling spelling, TokenType type, std::string_view text, std::string& out);

// The byte that a token of type kByte stands for: "<0x0A>" is 10.
std::optional<uint8_t> ParseByteToken(std::string_view text);

}  // namespace ledge
