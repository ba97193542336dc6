// A place in the text of a grammar or of a pattern, for parsers that go through it byte by byte.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/grammar/code_points.h"

namespace ledge::grammar {

class TextCursor {
 protected:
  explicit TextCursor(std::string_view text) : text_(text) {}

  // A zero behind the end.
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  // Goes on behind `what` if that is next.
  bool Take(std::string_view what) {
    if (!Rest().starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  // A decimal number; nothing where none is or it is beyond 32 bits.
  std::optional<uint32_t> TakeNumber() {
    uint32_t number = 0;
    const std::string_view rest = Rest();
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (problem != std::errc()) return std::nullopt;
    at_ += static_cast<size_t>(end - rest.data());
    return number;
  }
  // A character by its number of so many hex digits; nothing where these are no character.
  std::optional<char32_t> TakeHex(size_t digits) {
    uint32_t value = 0;
    const std::string_view part = Rest().substr(0, digits);
    const auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), value, 16);
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (problem != std::errc() || end != part.data() + digits || value > kLastCodePoint ||
        surrogate)
      return std::nullopt;
    at_ += digits;
    return value;
  }
  std::string_view Rest() const { return text_.substr(std::min(at_, text_.size())); }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace ledge::grammar
