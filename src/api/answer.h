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
};

struct AnswerPart {
  std::string content;
  std::string reasoning;
  std::vector<ToolCall> tool_calls;  // whole ones
  bool empty() const { return content.empty() && reasoning.empty() && tool_calls.empty(); }
};

class AnswerReader {
 public:
  virtual ~AnswerReader() = default;
  // What can be told by now.
  virtual AnswerPart Feed(std::string_view text) = 0;
  // The rest, at the end.
  virtual AnswerPart Finish() = 0;
};

// All of it is content.
std::unique_ptr<AnswerReader> MakePlainReader();
// Text between <think> and </think> at the beginning is reasoning, the rest content.
std::unique_ptr<AnswerReader> MakeReasoningReader();

}  // namespace ledge
