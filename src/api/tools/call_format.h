// One way of writing calls, as the reader of answers sees it; and what the ways have in common.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ledge {

// A call before it has an id.
struct WrittenCall {
  std::string name;
  std::string arguments;  // a text of JSON: an object
};

// What stands at the front of a text.
struct CallStep {
  size_t content = 0;              // so many bytes are content
  size_t reasoning = 0;            // behind them so many are reasoning
  size_t dropped = 0;              // behind them so many belong to no text: calls, marks
  std::vector<WrittenCall> calls;  // that they were
};

class CallFormat {
 public:
  virtual ~CallFormat() = default;
  // `text` is all that was not told yet, `begin` that nothing was before it, `end` that nothing
  // comes any more. A step of nothing waits for more text; at the end the rest is content then.
  virtual CallStep Next(std::string_view text, bool begin, bool end) = 0;
};

std::unique_ptr<CallFormat> MakeHermesFormat();
std::unique_ptr<CallFormat> MakeLlama3Format(std::vector<std::string> names);
std::unique_ptr<CallFormat> MakeMistralFormat();
std::unique_ptr<CallFormat> MakeFunctionary31Format();
std::unique_ptr<CallFormat> MakeFunctionary32Format(std::vector<std::string> names);
std::unique_ptr<CallFormat> MakeFirefunctionFormat();
std::unique_ptr<CallFormat> MakeCommandRFormat();
std::unique_ptr<CallFormat> MakeCommandR7bFormat();
std::unique_ptr<CallFormat> MakeDeepSeekFormat();
std::unique_ptr<CallFormat> MakeGenericFormat(std::vector<std::string> names);

// Bytes at the front that can't become part of `mark`: up to where it stands, or to where the
// text's end could be its beginning.
size_t BytesBefore(std::string_view text, std::string_view mark);
// Of the object or array of JSON at the front, white space before it included; nothing while it is
// not whole. 0 where there is none.
std::optional<size_t> JsonLength(std::string_view text);
// The calls of an object {"name" or "tool_name", "arguments" or "parameters"} or an array of them;
// empty if that isn't what it is. `names`: only these, where it isn't null.
std::vector<WrittenCall> CallsOfJson(std::string_view json,
                                     const std::vector<std::string>* names = nullptr);
// Arguments alone; nothing if they are no object.
std::optional<std::string> ArgumentsOf(std::string_view json);
std::string_view Stripped(std::string_view text);  // of white space around it

// A block of calls between two marks, as most formats have it; told as content if `parse` finds
// none in it. Where `end` has come without the closing mark the block is what is there.
template <typename Parse>
CallStep MarkedBlock(std::string_view text, std::string_view open, std::string_view close, bool end,
                     Parse&& parse) {
  const size_t at = text.find(open);
  if (at == text.npos) return {.content = end ? text.size() : BytesBefore(text, open)};
  if (at > 0) return {.content = at};
  const size_t closed = text.find(close, open.size());
  if (closed == text.npos && !end) return {};
  const size_t last = closed == text.npos ? text.size() : closed;
  std::vector<WrittenCall> calls = parse(text.substr(open.size(), last - open.size()));
  const size_t whole = closed == text.npos ? text.size() : closed + close.size();
  if (calls.empty()) return {.content = whole};
  return {.dropped = whole, .calls = std::move(calls)};
}

}  // namespace ledge
