// The alphabet of byte-level BPE: each byte is written as one printable character, so that token
// texts are valid UTF-8. Printable Latin-1 bytes stand for themselves, the other 68 for U+0100
// onwards. Source: `bytes_to_unicode` of GPT-2's published encoder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ledge {

char32_t RuneOfByte(uint8_t byte);
// The bytes that a token's text stands for; characters outside the alphabet stay as they are.
std::string DecodeByteText(std::string_view text);
// Appends the spelling of `bytes` in the alphabet.
void AppendByteText(std::string& out, std::string_view bytes);

}  // namespace ledge
