// What Python's str can do, over Text: every result keeps which of its bytes are plain.
#pragma once

#include <optional>

#include "engine/template/value.h"

namespace ledge::jinja {

enum class Ends : uint8_t { kBoth, kLeft, kRight };
// str.strip(): whitespace, or any of the code points of `characters`.
Result<Text> Strip(Heap& heap, const Text& text, const std::optional<Text>& characters, Ends ends);
// str.replace(): at most `count` times; negative: all.
Result<Text> Replace(Heap& heap, const Text& text, const Text& from, const Text& to, int64_t count);
// str.split() and str.rsplit(): no separator means runs of whitespace; negative: any number of
// splits.
Result<Value> Split(Heap& heap, const Text& text, const std::optional<Text>& separator,
                    int64_t limit);
Result<Value> SplitFromRight(Heap& heap, const Text& text, const std::optional<Text>& separator,
                             int64_t limit);
Result<Value> SplitLines(Heap& heap, const Text& text, bool keep_ends);

// kTitle is str.title(); kWords is Jinja's filter `title`, which begins words after blanks, '-' and
// brackets.
enum class Case : uint8_t { kLower, kUpper, kCapitalized, kTitle, kWords };
// One code point to one code point (so not Python's expansions, such as sharp s to SS).
Result<Text> ChangeCase(Heap& heap, const Text& text, Case to);

// Jinja's filter `indent`.
Result<Text> Indent(Heap& heap, const Text& text, const Text& indent, bool first, bool blank);
// separator.join(items), each as str().
Result<Text> Join(Heap& heap, const Text& separator, const std::vector<Value>& items);

inline Result<Value> ValueOf(Result<Text> text) {
  if (!text.ok()) return std::move(text).error();
  return Value(std::move(text).value());
}

}  // namespace ledge::jinja
