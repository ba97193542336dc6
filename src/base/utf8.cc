#include "base/utf8.h"

#include <algorithm>

namespace ledge {
namespace {

// Length that the first byte promises; 0 for a byte that starts nothing.
size_t PromisedLength(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// Whether `second` may follow `first` (rules out overlong forms, surrogates and what is above
// U+10FFFF).
bool SecondByteFits(unsigned char first, unsigned char second) {
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  return second >= low && second <= high;
}

// How many bytes at the front of `text` are a valid beginning of one sequence of `length` bytes.
size_t ValidPrefix(std::string_view text, size_t length) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  size_t n = 1;
  while (n < length && n < text.size()) {
    const bool fits = n == 1 ? SecondByteFits(at(0), at(1)) : (at(n) & 0xC0) == 0x80;
    if (!fits) break;
    ++n;
  }
  return n;
}

}  // namespace

size_t Utf8SequenceLength(std::string_view text) {
  if (text.empty()) return 0;
  const size_t length = PromisedLength(static_cast<unsigned char>(text[0]));
  if (length == 0 || length > text.size()) return 0;
  return ValidPrefix(text, length) == length ? length : 0;
}

char32_t Utf8Next(std::string_view& text) {
  const size_t length = Utf8SequenceLength(text);
  if (length == 0) {
    text.remove_prefix(1);
    return kInvalidRune;
  }
  const auto at = [&](size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  char32_t rune = at(0);
  if (length == 2) rune = ((at(0) & 0x1F) << 6) | (at(1) & 0x3F);
  if (length == 3) rune = ((at(0) & 0x0F) << 12) | ((at(1) & 0x3F) << 6) | (at(2) & 0x3F);
  if (length == 4) {
    rune = ((at(0) & 0x07) << 18) | ((at(1) & 0x3F) << 12) | ((at(2) & 0x3F) << 6) | (at(3) & 0x3F);
  }
  text.remove_prefix(length);
  return rune;
}

void Utf8Append(std::string& out, char32_t rune) {
  if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) rune = 0xFFFD;
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (rune < 0x80) {
    put(rune);
  } else if (rune < 0x800) {
    put(0xC0 | (rune >> 6));
    put(0x80 | (rune & 0x3F));
  } else if (rune < 0x10000) {
    put(0xE0 | (rune >> 12));
    put(0x80 | ((rune >> 6) & 0x3F));
    put(0x80 | (rune & 0x3F));
  } else {
    put(0xF0 | (rune >> 18));
    put(0x80 | ((rune >> 12) & 0x3F));
    put(0x80 | ((rune >> 6) & 0x3F));
    put(0x80 | (rune & 0x3F));
  }
}

size_t Utf8CompletePrefix(std::string_view text) {
  const size_t tail = std::min<size_t>(text.size(), 3);
  for (size_t back = 1; back <= tail; ++back) {
    const std::string_view end = text.substr(text.size() - back);
    const size_t length = PromisedLength(static_cast<unsigned char>(end[0]));
    if (length <= 1) continue;
    if (length > back && ValidPrefix(end, length) == back) return text.size() - back;
    break;
  }
  return text.size();
}

std::string Utf8Sanitized(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) Utf8Append(out, Utf8Next(text));  // kInvalidRune becomes U+FFFD
  return out;
}

}  // namespace ledge
