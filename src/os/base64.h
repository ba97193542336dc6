// Base64 (RFC 4648, with padding), by OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ledge {

// Nothing if `text` is no base64: other characters, white space among them, a length that is no
// multiple of four, or one above 1 GiB.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace ledge
