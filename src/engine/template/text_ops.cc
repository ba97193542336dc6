#include "engine/template/text_ops.h"

#include <utf8proc.h>

#include <algorithm>

#include "base/utf8.h"
#include "engine/template/present.h"

namespace ledge::jinja {
namespace {

constexpr size_t kNotFound = std::string_view::npos;

size_t RuneEnd(std::string_view bytes, size_t begin) {
  size_t end = begin + 1;
  while (end < bytes.size() && (static_cast<unsigned char>(bytes[end]) & 0xC0) == 0x80) ++end;
  return end;
}

class Pieces {
 public:
  Pieces(Heap& heap, const Text& text) : heap_(heap), text_(text) {}
  Result<void> Add(size_t begin, size_t end) {
    LEDGE_TRY(auto piece, Slice(heap_, text_, begin, end));
    items_.emplace_back(std::move(piece));
    return {};
  }
  Result<Value> Finish(bool reversed = false) {
    if (reversed) std::reverse(items_.begin(), items_.end());
    return MakeList(heap_, std::move(items_));
  }

 private:
  Heap& heap_;
  const Text& text_;
  std::vector<Value> items_;
};

Error EmptySeparator() {
  return MakeError(Code::kMalformed, "an empty separator; it must have a character");
}

// Last occurrence that ends at or before `end`. Only called a bounded number of times (the split
// limit), or right after each other, each search reading on where the last one stopped.
size_t FindLast(std::string_view bytes, std::string_view needle, size_t end) {
  return bytes.substr(0, end).rfind(needle);
}

Result<Value> SplitSpaces(Heap& heap, const Text& text, int64_t limit) {
  const auto bytes = text.bytes();
  Pieces pieces(heap, text);
  size_t at = LeadingSpace(bytes);
  while (at < bytes.size()) {
    if (limit-- == 0) {
      LEDGE_CHECK_OK(pieces.Add(at, bytes.size()));
      break;
    }
    size_t end = at;
    while (end < bytes.size() && LeadingSpace(bytes.substr(end, RuneEnd(bytes, end) - end)) == 0)
      end = RuneEnd(bytes, end);
    LEDGE_CHECK_OK(pieces.Add(at, end));
    at = end + LeadingSpace(bytes.substr(end));
  }
  return pieces.Finish();
}

Result<Value> SplitSpacesFromRight(Heap& heap, const Text& text, int64_t limit) {
  const auto bytes = text.bytes();
  Pieces pieces(heap, text);
  size_t end = bytes.size() - TrailingSpace(bytes);
  while (end > 0) {
    if (limit-- == 0) {
      LEDGE_CHECK_OK(pieces.Add(0, end));
      break;
    }
    size_t begin = end;
    while (begin > 0 && TrailingSpace(bytes.substr(RuneBefore(bytes, begin),
                                                   begin - RuneBefore(bytes, begin))) == 0) {
      begin = RuneBefore(bytes, begin);
    }
    LEDGE_CHECK_OK(pieces.Add(begin, end));
    end = begin - TrailingSpace(bytes.substr(0, begin));
  }
  return pieces.Finish(true);
}

char32_t Mapped(char32_t rune, bool upper) {
  if (rune < 0x80) {
    if (upper && rune >= 'a' && rune <= 'z') return rune - 32;
    if (!upper && rune >= 'A' && rune <= 'Z') return rune + 32;
    return rune;
  }
  const auto code = static_cast<utf8proc_int32_t>(rune);
  return static_cast<char32_t>(upper ? utf8proc_toupper(code) : utf8proc_tolower(code));
}

bool IsLetter(char32_t rune) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(rune));
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL ||
         category == UTF8PROC_CATEGORY_LT;
}

bool BeginsWord(char32_t before) {
  return IsSpaceRune(before) || before == '-' || before == '(' || before == '{' || before == '[' ||
         before == '<';
}

}  // namespace

Result<Text> Strip(Heap& heap, const Text& text, const std::optional<Text>& characters, Ends ends) {
  LEDGE_CHECK_OK(heap.StepBytes(text.size() * (characters ? 1 + characters->size() : 1)));
  const auto bytes = text.bytes();
  size_t begin = 0;
  size_t end = bytes.size();
  const auto strips = [&](size_t from, size_t to) {
    const auto rune = bytes.substr(from, to - from);
    return characters ? characters->bytes().find(rune) != kNotFound
                      : LeadingSpace(rune) == rune.size();
  };
  while (ends != Ends::kRight && begin < end && strips(begin, RuneEnd(bytes, begin)))
    begin = RuneEnd(bytes, begin);
  while (ends != Ends::kLeft && end > begin && strips(RuneBefore(bytes, end), end))
    end = RuneBefore(bytes, end);
  return Slice(heap, text, begin, end);
}

Result<Text> Replace(Heap& heap, const Text& text, const Text& from, const Text& to,
                     int64_t count) {
  const auto bytes = text.bytes();
  LEDGE_CHECK_OK(heap.StepBytes(bytes.size()));
  TextBuilder out(heap);
  size_t copied = 0;
  size_t search = 0;
  bool start = from.empty();  // the empty text occurs before every code point and at the end
  while (count != 0) {
    size_t found = FindBytes(bytes, from.bytes(), search);
    if (from.empty()) {
      if (!start && search >= bytes.size()) break;
      found = start ? 0 : RuneEnd(bytes, search);
      start = false;
    }
    if (found == kNotFound) break;
    LEDGE_CHECK_OK(out.AppendSlice(text, copied, found));
    LEDGE_CHECK_OK(out.Append(to));
    copied = found + from.size();
    search = copied;
    --count;
  }
  if (copied == 0 && out.size() == 0) return text;
  LEDGE_CHECK_OK(out.AppendSlice(text, copied, bytes.size()));
  return out.Finish();
}

Result<Value> Split(Heap& heap, const Text& text, const std::optional<Text>& separator,
                    int64_t limit) {
  LEDGE_CHECK_OK(heap.StepBytes(text.size()));
  if (!separator) return SplitSpaces(heap, text, limit);
  if (separator->empty()) return EmptySeparator();
  const auto bytes = text.bytes();
  Pieces pieces(heap, text);
  size_t begin = 0;
  for (; limit != 0; --limit) {
    const size_t found = FindBytes(bytes, separator->bytes(), begin);
    if (found == kNotFound) break;
    LEDGE_CHECK_OK(pieces.Add(begin, found));
    begin = found + separator->size();
  }
  LEDGE_CHECK_OK(pieces.Add(begin, bytes.size()));
  return pieces.Finish();
}

Result<Value> SplitFromRight(Heap& heap, const Text& text, const std::optional<Text>& separator,
                             int64_t limit) {
  LEDGE_CHECK_OK(heap.StepBytes(text.size()));
  if (!separator) return SplitSpacesFromRight(heap, text, limit);
  if (separator->empty()) return EmptySeparator();
  const auto bytes = text.bytes();
  // rfind compares at every offset, at worst the whole separator.
  LEDGE_CHECK_OK(heap.StepBytes(bytes.size() * std::min<size_t>(separator->size(), 1024)));
  if (separator->size() > 1024)
    return MakeError(Code::kUnsupported, "rsplit by more than 1024 bytes");
  Pieces pieces(heap, text);
  size_t end = bytes.size();
  for (; limit != 0; --limit) {
    const size_t found = FindLast(bytes, separator->bytes(), end);
    if (found == kNotFound) break;
    LEDGE_CHECK_OK(pieces.Add(found + separator->size(), end));
    end = found;
  }
  LEDGE_CHECK_OK(pieces.Add(0, end));
  return pieces.Finish(true);
}

Result<Value> SplitLines(Heap& heap, const Text& text, bool keep_ends) {
  LEDGE_CHECK_OK(heap.StepBytes(text.size()));
  const auto bytes = text.bytes();
  Pieces pieces(heap, text);
  size_t begin = 0;
  for (size_t at = 0; at < bytes.size();) {
    const size_t rune_end = RuneEnd(bytes, at);
    std::string_view rest = bytes.substr(at, rune_end - at);
    const char32_t rune = Utf8Next(rest);
    const bool breaks = (rune >= 0x0A && rune <= 0x0D) || (rune >= 0x1C && rune <= 0x1E) ||
                        rune == 0x85 || rune == 0x2028 || rune == 0x2029;
    size_t next = rune_end;
    if (breaks) {
      if (rune == '\r' && next < bytes.size() && bytes[next] == '\n') ++next;
      LEDGE_CHECK_OK(pieces.Add(begin, keep_ends ? next : at));
      begin = next;
    }
    at = next;
  }
  if (begin < bytes.size()) LEDGE_CHECK_OK(pieces.Add(begin, bytes.size()));
  return pieces.Finish();
}

Result<Text> ChangeCase(Heap& heap, const Text& text, Case to) {
  LEDGE_CHECK_OK(heap.StepBytes(text.size() * 4));
  TextBuilder out(heap);
  const auto bytes = text.bytes();
  std::string changed;
  bool word_begins = true;
  const auto flush = [&](bool plain) -> Result<void> {
    LEDGE_CHECK_OK(out.Append(changed, plain));
    changed.clear();
    return {};
  };
  bool plain = false;
  size_t at = 0;
  for (std::string_view rest = bytes; !rest.empty(); at = bytes.size() - rest.size()) {
    const bool now_plain = text.PlainAt(at);
    if (now_plain != plain) LEDGE_CHECK_OK(flush(plain));
    plain = now_plain;
    const char32_t rune = Utf8Next(rest);
    const bool upper = to == Case::kUpper || (to != Case::kLower && word_begins);
    Utf8Append(changed, Mapped(rune, upper));
    word_begins = to == Case::kTitle ? !IsLetter(rune) : to == Case::kWords && BeginsWord(rune);
  }
  LEDGE_CHECK_OK(flush(plain));
  return out.Finish();
}

Result<Text> Indent(Heap& heap, const Text& text, const Text& indent, bool first, bool blank) {
  // As in Jinja: a newline is added, then the lines are taken, so one at the end survives.
  TextBuilder with_newline(heap);
  LEDGE_CHECK_OK(with_newline.Append(text));
  LEDGE_CHECK_OK(with_newline.Append("\n"));
  LEDGE_TRY(const auto source, with_newline.Finish());
  LEDGE_TRY(const auto lines, SplitLines(heap, source, false));
  TextBuilder out(heap);
  bool at_first = true;
  for (const Value& line : lines.list()->items) {
    if (!at_first) LEDGE_CHECK_OK(out.Append("\n"));
    const bool indented = at_first ? first : blank || !line.text()->empty();
    if (indented) LEDGE_CHECK_OK(out.Append(indent));
    LEDGE_CHECK_OK(out.Append(*line.text()));
    at_first = false;
  }
  return out.Finish();
}

Result<Text> Join(Heap& heap, const Text& separator, const std::vector<Value>& items) {
  TextBuilder out(heap);
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) LEDGE_CHECK_OK(out.Append(separator));
    LEDGE_CHECK_OK(AppendStr(out, items[i]));
  }
  return out.Finish();
}

}  // namespace ledge::jinja
