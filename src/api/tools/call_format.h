// One way of writing calls, as the reader of answers sees it; and what the ways have in common.
// A format finds the blocks, call_block.h reads what is in them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/tools/call_block.h"

namespace ledge {

inline constexpr std::string_view kJsonSpace = " \t\r\n";

class CallFormat {
 public:
  virtual ~CallFormat() = default;
  // `text` is all that was not told yet, `begin` that nothing was before it, `end` that nothing
  // comes any more. A step of nothing waits for more text; at the end the rest is content then.
  CallStep Next(std::string_view text, bool begin, bool end);

 protected:
  // The same, for text outside of blocks of calls.
  virtual CallStep Outside(std::string_view text, bool begin, bool end) = 0;
  // A block stands at the front: reads it from now on.
  CallStep Block(std::string_view text, bool end, BlockShape shape);
  // A block that begins with `mark`, and content in front of it.
  CallStep MarkedBlock(std::string_view text, std::string_view mark, bool end, BlockShape shape);
  // There was a call.
  bool called() const { return called_; }

 private:
  std::optional<CallBlock> block_;
  bool called_ = false;
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
// text's end could be its beginning, unless that is the `end` of all.
size_t BytesBefore(std::string_view text, std::string_view mark, bool end = false);
// Of the object or array of JSON at the front, white space before it included; nothing while it is
// not whole. 0 where there is none.
std::optional<size_t> JsonLength(std::string_view text);
// The calls of an object {"name" or "tool_name", "arguments" or "parameters"} or an array of them;
// empty if that isn't what it is. `names`: only these, where it isn't null.
std::vector<WrittenCall> CallsOfJson(std::string_view json,
                                     const std::vector<std::string>* names = nullptr);
std::string_view Stripped(std::string_view text);  // of white space around it

}  // namespace ledge
