// The seam where a model's text becomes parts of an answer: what it says, what it thinks, which
// tools it calls. One reader a choice, fed as the text comes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ledge {

struct ToolCall {
  std::string id;  // "call_..."
  std::string name;
  std::string arguments;  // a text of JSON
  bool broken = false;    // the answer ended within it
};

// What is new of a call.
struct CallPart {
  size_t index = 0;       // of the answer's calls
  std::string id;         // where it begins, as `name`
  std::string name;       // empty: it goes on
  std::string arguments;  // more of them
  bool ended = false;
  bool broken = false;  // by the end of the answer
};

// In this order.
struct AnswerPart {
  std::string reasoning;
  std::string content;
  std::vector<CallPart> calls;
  bool empty() const { return content.empty() && reasoning.empty() && calls.empty(); }
};

class AnswerReader {
 public:
  virtual ~AnswerReader() = default;
  // What can be told by now.
  virtual std::vector<AnswerPart> Feed(std::string_view text) = 0;
  // The rest, at the end.
  virtual std::vector<AnswerPart> Finish() = 0;
};

// All of it is content.
std::unique_ptr<AnswerReader> MakePlainReader();
// Text between <think> and </think> at the beginning is reasoning, the rest content. `thinking`:
// the prompt has the first of these marks.
std::unique_ptr<AnswerReader> MakeReasoningReader(bool thinking = false);

}  // namespace ledge
