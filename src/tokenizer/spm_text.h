// SentencePiece writes a space as U+2581.
#pragma once

#include <string>
#include <string_view>

namespace ledge {

inline constexpr char32_t kSpmSpace = 0x2581;
inline constexpr std::string_view kSpmSpaceText = "\u2581";

// U+2581 back to spaces.
inline std::string SpmUnescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (text.starts_with(kSpmSpaceText)) {
      out.push_back(' ');
      text.remove_prefix(kSpmSpaceText.size());
    } else {
      out.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace ledge
