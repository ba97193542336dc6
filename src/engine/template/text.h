// Text that knows where its bytes came from.
//
// A byte is *plain* if it came from a message, a tool or a variable of the request: control tokens
// spelt in it are only letters. Every other byte was written by the template's author.
// Concatenation, slicing, trimming, replacing, joining, indenting and changing case keep that
// knowledge byte by byte, so
// '<|im_start|>' + content + '<|im_end|>' still tells its three parts apart.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/template/heap.h"

namespace ledge::jinja {

struct Span {
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const Span&) const = default;
};

// Immutable, cheap to copy. Always valid UTF-8.
class Text {
 public:
  Text() = default;
  // Written by the template's author; not charged to any render, so it may outlive one.
  static Text Literal(std::string bytes);

  std::string_view bytes() const {
    return rep_ ? std::string_view(rep_->bytes) : std::string_view();
  }
  // Ascending, disjoint, not empty.
  std::span<const Span> plain() const {
    return rep_ ? std::span<const Span>(rep_->plain) : std::span<const Span>();
  }
  size_t size() const { return bytes().size(); }
  bool empty() const { return size() == 0; }
  bool ascii() const { return !rep_ || rep_->ascii; }
  // Whether byte `at` (or the byte before the end) is plain.
  bool PlainAt(size_t at) const;
  bool SharesStorage(const Text& other) const { return rep_ == other.rep_; }

 private:
  friend class TextBuilder;
  struct Rep {
    std::string bytes;
    std::vector<Span> plain;
    bool ascii = true;
    Heap* heap = nullptr;  // who was charged; null for literals
    uint64_t charged = 0;
    Rep() = default;
    Rep(const Rep&) = delete;
    Rep& operator=(const Rep&) = delete;
    ~Rep() {
      if (heap) heap->Release(charged);
    }
  };
  std::shared_ptr<const Rep> rep_;
};

// Collects a text piece by piece; what it holds is charged to the heap from the first byte on.
// Every Append fails with kUnsupported beyond kMaxTextBytes or the heap's own limits.
class TextBuilder {
 public:
  explicit TextBuilder(Heap& heap) : heap_(heap) {}
  TextBuilder(const TextBuilder&) = delete;
  TextBuilder& operator=(const TextBuilder&) = delete;
  ~TextBuilder() { heap_.Release(charged_); }

  Result<void> Append(const Text& text) { return AppendSlice(text, 0, text.size()); }
  // Bytes [begin, end).
  Result<void> AppendSlice(const Text& text, size_t begin, size_t end);
  Result<void> Append(std::string_view bytes, bool plain = false);
  size_t size() const { return bytes_.size(); }
  std::string_view bytes() const { return bytes_; }

  // The text collected; the builder is empty afterwards.
  Result<Text> Finish();

 private:
  Result<void> Grow(size_t bytes);
  Result<void> MarkPlain(size_t begin, size_t end);

  Heap& heap_;
  std::string bytes_;
  std::vector<Span> plain_;
  uint64_t charged_ = 0;
};

// Bytes [begin, end) of `text`.
Result<Text> Slice(Heap& heap, const Text& text, size_t begin, size_t end);
Result<Text> MakeText(Heap& heap, std::string_view bytes, bool plain = false);

// Code points, as Python counts them.
size_t RuneCount(const Text& text);
// Byte offset of code point `index`; the size of the text when there are fewer.
size_t RuneOffset(const Text& text, size_t index);

// str.isspace() of Python for one code point.
bool IsSpaceRune(char32_t rune);
// How many bytes of whitespace lead and end `bytes`.
size_t LeadingSpace(std::string_view bytes);
size_t TrailingSpace(std::string_view bytes);
// Start of the code point that ends before byte `end` (> 0).
size_t RuneBefore(std::string_view bytes, size_t end);

// Linear-time search (two-way string matching): offset at or after `from`, or npos.
size_t FindBytes(std::string_view haystack, std::string_view needle, size_t from);

}  // namespace ledge::jinja
