// A block of calls, from its opening mark to its closing one, read while it is written: the
// arguments of a call are told as they come.
//
// What has been told is never taken back. So a call begins once its name is known and its arguments
// are certain to be an object (JsonProgress::certain); from there on they are passed on as the
// model writes them, wherever they end. Calls in another order (arguments in front of the name, as
// a text of JSON, within "function") are told when they are whole. What is none of these is
// content.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/tools/json_progress.h"

namespace ledge {

// A call before it has an id.
struct WrittenCall {
  std::string name;
  std::string arguments;  // a text of JSON: an object
};

// What stands at the front of a text, in this order.
struct CallStep {
  size_t content = 0;              // so many bytes are content
  size_t reasoning = 0;            // behind them so many are reasoning
  size_t dropped = 0;              // behind them so many belong to no text: marks, whole calls
  std::vector<WrittenCall> calls;  // that they were
  std::string begins;              // a call of this tool begins; empty: none does
  size_t arguments = 0;            // behind them so many are of the arguments of the call that runs
  bool ends = false;               // which they end
  size_t bytes() const { return content + reasoning + dropped + arguments; }
};

struct BlockShape {
  size_t open = 0;   // bytes in front of the JSON
  std::string name;  // whose arguments the JSON is; empty: it is an object {"name" or "tool_name",
                     // "arguments" or "parameters"}, or an array of them
  std::string_view fence;                           // may stand in front of `close`
  std::string_view close;                           // ends it; empty: its JSON does
  const std::vector<std::string>* names = nullptr;  // only these are calls; null: all are
  std::string_view ignored;                         // a name that stands for no call
};

class CallBlock {
 public:
  explicit CallBlock(BlockShape shape) : shape_(std::move(shape)) {}

  // As CallFormat::Next; `text` begins with what is in front of the JSON, until a step has passed
  // it. A step of nothing waits for more, unless it is done().
  CallStep Next(std::string_view text, bool end);
  bool done() const { return state_ == State::kDone; }
  // Whether it held a call.
  bool called() const { return told_; }

 private:
  enum class State { kElement, kArguments, kBroken, kTail, kBetween, kDone };

  CallStep Element(std::string_view text, bool end);
  CallStep Begin(std::string_view text, size_t at, std::string name, size_t head, bool end);
  CallStep Whole(std::string_view text, size_t at, bool end);
  CallStep NoCall(size_t content);
  CallStep Arguments(std::string_view text);
  CallStep Broken(std::string_view text, bool end);
  CallStep Tail(std::string_view text, bool end);
  CallStep Between(std::string_view text, bool end);
  CallStep Done() {
    state_ = State::kDone;
    return {};
  }

  BlockShape shape_;
  State state_ = State::kElement;
  bool told_ = false;     // a step has passed what is in front of the JSON
  bool array_ = false;    // within one
  bool closed_ = false;   // behind one
  bool ignored_ = false;  // the call that runs is
  JsonProgress arguments_;
};

}  // namespace ledge
