#include "engine/grammar/code_points.h"

#include <algorithm>

namespace ledge::grammar {
namespace {

constexpr CodePointRange kSurrogates = {0xD800, 0xDFFF};
constexpr char32_t kBeforeSurrogates = 0xD7FF;
constexpr char32_t kBehindSurrogates = 0xE000;

int Encode(char32_t c, std::array<uint8_t, 4>& bytes) {
  if (c < 0x80) {
    bytes[0] = static_cast<uint8_t>(c);
    return 1;
  }
  const int length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (int i = length - 1; i > 0; --i) {
    bytes[static_cast<size_t>(i)] = static_cast<uint8_t>(0x80 | (c & 0x3F));
    c >>= 6;
  }
  constexpr std::array<uint8_t, 5> kLead = {0, 0, 0xC0, 0xE0, 0xF0};
  bytes[0] = static_cast<uint8_t>(kLead[static_cast<size_t>(length)] | c);
  return length;
}

// Both of the same length. Where the bytes behind the first differ, each must run through all of
// its values; else the range is cut in two.
void Split(char32_t first, char32_t last, std::vector<ByteSequence>& out) {
  for (int shift = 6; shift <= 18 && last >= 0x80; shift += 6) {
    const char32_t mask = (char32_t{1} << shift) - 1;
    if ((first & ~mask) == (last & ~mask)) break;
    if ((first & mask) != 0) {
      Split(first, first | mask, out);
      Split((first | mask) + 1, last, out);
      return;
    }
    if ((last & mask) != mask) {
      Split(first, (last & ~mask) - 1, out);
      Split(last & ~mask, last, out);
      return;
    }
  }
  std::array<uint8_t, 4> low{};
  std::array<uint8_t, 4> high{};
  ByteSequence sequence;
  sequence.length = Encode(first, low);
  Encode(last, high);
  for (size_t i = 0; i < static_cast<size_t>(sequence.length); ++i)
    sequence.ranges[i] = {low[i], high[i]};
  out.push_back(sequence);
}

}  // namespace

void CodePoints::Normalise() {
  std::vector<CodePointRange> cut;
  for (const CodePointRange& range : ranges_) {
    const char32_t last = std::min(range.last, kLastCodePoint);
    if (range.first > last) continue;
    if (range.first < kSurrogates.first)
      cut.push_back({range.first, std::min(last, kBeforeSurrogates)});
    if (last > kSurrogates.last) cut.push_back({std::max(range.first, kBehindSurrogates), last});
  }
  std::ranges::sort(cut, {}, &CodePointRange::first);
  ranges_.clear();
  for (const CodePointRange& range : cut) {
    if (!ranges_.empty() && range.first <= ranges_.back().last + 1) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }
}

void CodePoints::Add(char32_t first, char32_t last) {
  ranges_.push_back({first, last});
  Normalise();
}

void CodePoints::Add(const CodePoints& other) {
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
  Normalise();
}

CodePoints CodePoints::Complement() const {
  CodePoints result;
  char32_t next = 0;
  for (const CodePointRange& range : ranges_) {
    if (range.first > next)
      result.ranges_.push_back({next, static_cast<char32_t>(range.first - 1)});
    next = range.last + 1;
  }
  if (next <= kLastCodePoint) result.ranges_.push_back({next, kLastCodePoint});
  result.Normalise();
  return result;
}

CodePoints CodePoints::Intersect(const CodePoints& other) const {
  CodePoints result;
  for (size_t i = 0, j = 0; i < ranges_.size() && j < other.ranges_.size();) {
    const CodePointRange& a = ranges_[i];
    const CodePointRange& b = other.ranges_[j];
    const char32_t first = std::max(a.first, b.first);
    const char32_t last = std::min(a.last, b.last);
    if (first <= last) result.ranges_.push_back({first, last});
    a.last < b.last ? ++i : ++j;
  }
  return result;
}

CodePoints CodePoints::Minus(const CodePoints& other) const {
  return Intersect(other.Complement());
}

bool CodePoints::Contains(char32_t c) const {
  return std::ranges::any_of(
      ranges_, [c](const CodePointRange& range) { return range.first <= c && c <= range.last; });
}

std::vector<ByteSequence> Utf8Sequences(const CodePoints& set) {
  std::vector<ByteSequence> sequences;
  constexpr std::array<char32_t, 4> kLastOfLength = {0x7F, 0x7FF, 0xFFFF, kLastCodePoint};
  for (const CodePointRange& range : set.ranges()) {
    char32_t first = range.first;
    for (const char32_t last : kLastOfLength) {
      if (first > last || first > range.last) continue;
      Split(first, std::min(last, range.last), sequences);
      first = last + 1;
    }
  }
  return sequences;
}

}  // namespace ledge::grammar
