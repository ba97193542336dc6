// UTF-8 as bytes come in: from files, sockets and terminals, so never assumed to be valid.
// Source: RFC 3629 (no overlong forms, no surrogates, nothing above U+10FFFF).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ledge {

// Length in bytes of the valid sequence at the front of `text`; 0 if there is none.
size_t Utf8SequenceLength(std::string_view text);

// Decodes the sequence at the front and moves `text` behind it. An invalid byte gives
// `kInvalidRune` and moves by one byte. `text` must not be empty.
inline constexpr char32_t kInvalidRune = 0xFFFFFFFF;
char32_t Utf8Next(std::string_view& text);

// Appends the encoding of a scalar value (anything else becomes U+FFFD).
void Utf8Append(std::string& out, char32_t rune);

// Length of the longest prefix of `text` that does not end inside a sequence which more bytes could
// complete: what may be shown while a text is still growing.
size_t Utf8CompletePrefix(std::string_view text);

// Every invalid byte replaced by U+FFFD.
std::string Utf8Sanitized(std::string_view text);

}  // namespace ledge
