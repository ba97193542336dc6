#include "engine/template/text.h"

#include <string.h>

#include <algorithm>

#include "base/utf8.h"

namespace ledge::jinja {
namespace {

// A shared text's bookkeeping beside its bytes.
constexpr uint64_t kTextOverhead = 128;
// From here on a builder's small string lives on the heap and grows by doubling.
constexpr size_t kMinGrowth = 64;

bool IsAscii(std::string_view bytes) {
  unsigned char any = 0;
  for (const char c : bytes) any |= static_cast<unsigned char>(c);
  return any < 0x80;
}

}  // namespace

Text Text::Literal(std::string bytes) {
  Text text;
  auto rep = std::make_shared<Rep>();
  rep->ascii = IsAscii(bytes);
  rep->bytes = std::move(bytes);
  text.rep_ = std::move(rep);
  return text;
}

bool Text::PlainAt(size_t at) const {
  const auto spans = plain();
  const auto after =
      std::upper_bound(spans.begin(), spans.end(), at,
                       [](size_t value, const Span& span) { return value < span.end; });
  return after != spans.end() && after->begin <= at;
}

Result<void> TextBuilder::Grow(size_t bytes) {
  if (bytes > kMaxTextBytes - bytes_.size()) {
    return MakeError(Code::kUnsupported, "a text of more than {} bytes; a prompt is far shorter",
                     kMaxTextBytes);
  }
  LEDGE_CHECK_OK(heap_.StepBytes(bytes));
  const size_t needed = bytes_.size() + bytes;
  if (needed > bytes_.capacity()) {
    const size_t capacity = std::max({needed, bytes_.capacity() * 2, kMinGrowth});
    LEDGE_CHECK_OK(heap_.Charge(capacity));
    charged_ += capacity;
    bytes_.reserve(capacity);
  }
  return {};
}

Result<void> TextBuilder::MarkPlain(size_t begin, size_t end) {
  if (begin == end) return {};
  if (!plain_.empty() && plain_.back().end == begin) {
    plain_.back().end = end;
    return {};
  }
  if (plain_.size() == plain_.capacity()) {
    const size_t capacity = std::max<size_t>(1, plain_.capacity() * 2);
    LEDGE_CHECK_OK(heap_.Charge(capacity * sizeof(Span)));
    charged_ += capacity * sizeof(Span);
    plain_.reserve(capacity);
  }
  plain_.push_back({begin, end});
  return {};
}

Result<void> TextBuilder::Append(std::string_view bytes, bool plain) {
  LEDGE_CHECK_OK(Grow(bytes.size()));
  const size_t begin = bytes_.size();
  bytes_.append(bytes);
  if (plain) LEDGE_CHECK_OK(MarkPlain(begin, bytes_.size()));
  return {};
}

Result<void> TextBuilder::AppendSlice(const Text& text, size_t begin, size_t end) {
  LEDGE_CHECK_OK(Grow(end - begin));
  const size_t shift = bytes_.size();
  bytes_.append(text.bytes().substr(begin, end - begin));
  const auto spans = text.plain();
  auto span = std::upper_bound(spans.begin(), spans.end(), begin,
                               [](size_t value, const Span& s) { return value < s.end; });
  for (; span != spans.end() && span->begin < end; ++span) {
    const size_t from = std::max(span->begin, begin) - begin;
    const size_t to = std::min(span->end, end) - begin;
    LEDGE_CHECK_OK(MarkPlain(shift + from, shift + to));
  }
  return {};
}

Result<Text> TextBuilder::Finish() {
  if (bytes_.empty()) return Text();
  LEDGE_CHECK_OK(heap_.Charge(kTextOverhead));
  charged_ += kTextOverhead;
  auto rep = std::make_shared<Text::Rep>();
  rep->ascii = IsAscii(bytes_);
  rep->bytes = std::move(bytes_);
  rep->plain = std::move(plain_);
  rep->heap = &heap_;
  rep->charged = charged_;
  charged_ = 0;
  bytes_.clear();
  plain_.clear();
  Text text;
  text.rep_ = std::move(rep);
  return text;
}

Result<Text> Slice(Heap& heap, const Text& text, size_t begin, size_t end) {
  if (begin == 0 && end == text.size()) return text;
  TextBuilder builder(heap);
  LEDGE_CHECK_OK(builder.AppendSlice(text, begin, end));
  return builder.Finish();
}

Result<Text> MakeText(Heap& heap, std::string_view bytes, bool plain) {
  TextBuilder builder(heap);
  LEDGE_CHECK_OK(builder.Append(bytes, plain));
  return builder.Finish();
}

size_t RuneCount(const Text& text) {
  if (text.ascii()) return text.size();
  const auto bytes = text.bytes();
  return static_cast<size_t>(std::count_if(bytes.begin(), bytes.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

size_t RuneOffset(const Text& text, size_t index) {
  const auto bytes = text.bytes();
  if (text.ascii()) return std::min(index, bytes.size());
  size_t at = 0;
  for (; at < bytes.size(); ++at) {
    if ((static_cast<unsigned char>(bytes[at]) & 0xC0) == 0x80) continue;
    if (index-- == 0) return at;
  }
  return at;
}

bool IsSpaceRune(char32_t rune) {
  return (rune >= 0x09 && rune <= 0x0D) || (rune >= 0x1C && rune <= 0x20) || rune == 0x85 ||
         rune == 0xA0 || rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 ||
         rune == 0x2029 || rune == 0x202F || rune == 0x205F || rune == 0x3000;
}

size_t LeadingSpace(std::string_view bytes) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    std::string_view next = rest;
    if (!IsSpaceRune(Utf8Next(next))) break;
    rest = next;
  }
  return bytes.size() - rest.size();
}

size_t RuneBefore(std::string_view bytes, size_t end) {
  size_t begin = end - 1;
  while (begin > 0 && (static_cast<unsigned char>(bytes[begin]) & 0xC0) == 0x80) --begin;
  return begin;
}

size_t TrailingSpace(std::string_view bytes) {
  size_t end = bytes.size();
  while (end > 0) {
    const size_t begin = RuneBefore(bytes, end);
    std::string_view rune = bytes.substr(begin, end - begin);
    if (!IsSpaceRune(Utf8Next(rune))) break;
    end = begin;
  }
  return bytes.size() - end;
}

size_t FindBytes(std::string_view haystack, std::string_view needle, size_t from) {
  if (from > haystack.size()) return std::string_view::npos;
  // Not even of no bytes may memmem be given a null pointer.
  if (needle.empty()) return from;
  if (haystack.size() - from < needle.size()) return std::string_view::npos;
  const void* found =
      memmem(haystack.data() + from, haystack.size() - from, needle.data(), needle.size());
  if (!found) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - haystack.data());
}

}  // namespace ledge::jinja
