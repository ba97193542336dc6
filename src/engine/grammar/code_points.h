// Sets of Unicode code points, and the byte sequences that UTF-8 writes them with.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace ledge::grammar {

inline constexpr char32_t kLastCodePoint = 0x10FFFF;

struct CodePointRange {
  char32_t first = 0;
  char32_t last = 0;  // included
  bool operator==(const CodePointRange&) const = default;
};

// Ascending, disjoint and not adjacent once it is Normal(); surrogates are never in it.
class CodePoints {
 public:
  CodePoints() = default;
  explicit CodePoints(std::vector<CodePointRange> ranges) : ranges_(std::move(ranges)) {
    Normalise();
  }
  static CodePoints All() { return CodePoints({{0, kLastCodePoint}}); }

  void Add(char32_t first, char32_t last);
  void Add(const CodePoints& other);
  CodePoints Complement() const;
  CodePoints Minus(const CodePoints& other) const;
  CodePoints Intersect(const CodePoints& other) const;
  bool Contains(char32_t c) const;
  bool empty() const { return ranges_.empty(); }
  const std::vector<CodePointRange>& ranges() const { return ranges_; }
  bool operator==(const CodePoints&) const = default;

 private:
  void Normalise();
  std::vector<CodePointRange> ranges_;
};

// One to four ranges of bytes, one behind another: all their combinations are sequences of UTF-8.
struct ByteSequence {
  struct Range {
    uint8_t first = 0;
    uint8_t last = 0;
  };
  std::array<Range, 4> ranges;
  int length = 0;
};

// Together exactly the encodings of the set's members. Method: cut where the length of the
// encoding changes, then where a continuation byte doesn't run through its whole range.
std::vector<ByteSequence> Utf8Sequences(const CodePoints& set);

}  // namespace ledge::grammar
