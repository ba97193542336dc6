// What the exchanges of all APIs that generate text share: choices are collected, and told to the
// API's own file part by part (streams) or as a whole.
#pragma once

#include "api/answer.h"
#include "api/exchange.h"
#include "api/json_reader.h"
#include "api/tool_fields.h"

namespace ledge {

struct Choice {
  std::unique_ptr<AnswerReader> reader = MakeReasoningReader();
  std::string content;
  std::string reasoning;
  bool reasoning_first = false;  // it came before anything else
  size_t calls_before_content = 0;
  uint32_t tokens_before_content = 0;  // until it says something or calls a tool
  std::vector<ToolCall> tool_calls;
  std::vector<Token> ids;
  Json logprobs = Json::array();  // as OpenAI's chat API has them
  bool ended = false;
  AskFinish finish = AskFinish::kStop;
  std::string stop_string;
  AskUsage usage;
};

class CollectingExchange : public Exchange {
 public:
  void OnStarted(size_t choice, const AskStarted& started, std::string& out) final;
  void OnPiece(size_t choice, const AskPiece& piece, std::string& out) final;
  void OnEnd(size_t choice, const AskEnd& end, std::string& out) final;
  void OnAllEnded(std::string& out) final;
  std::string ErrorAnswer(const ApiError& error) const override {
    return ErrorBody(style(), error);
  }
  std::string ErrorPiece(const ApiError& error) const override;

 protected:
  virtual ApiStyle style() const { return ApiStyle::kOpenAi; }
  virtual void StreamBegin(size_t choice, std::string& out) = 0;
  // The choice holds the part already. `logprobs`: of the tokens of this piece; empty where none
  // were asked for.
  virtual void StreamPart(size_t choice, const AnswerPart& part, const Json& logprobs,
                          std::string& out) = 0;
  virtual void StreamEnd(size_t choice, std::string& out) = 0;
  virtual void StreamAllEnded(std::string& out) = 0;
  virtual Json Body() = 0;

  // For all choices: answers are added up, the prompt counts once.
  AskUsage TotalUsage() const;
  void MakeChoices(size_t count) { choices_ = std::vector<Choice>(count); }

  std::vector<Choice> choices_;
  ToolUse tools_;
  std::string salt_;  // of ids of calls: the request's own id

 private:
  static uint32_t ReasoningTokens(const Choice& choice, const AskUsage& usage);
  void Take(size_t choice, const std::vector<AnswerPart>& parts, const Json& logprobs,
            std::string& out);
};

// "data: <json>\n\n"
void AppendEvent(const Json& json, std::string& out);
// "event: <type>\ndata: <json>\n\n", the type being the document's own.
void AppendTypedEvent(const Json& json, std::string& out);
// "<json>\n"
void AppendLine(const Json& json, std::string& out);

// "stop", "length", "tool_calls".
std::string_view OpenAiFinish(AskFinish finish);
Json OpenAiUsage(const AskUsage& usage);
// Where an answer went on beyond its context, says so beside the reason of its end:
// "context_shift": {"dropped_tokens": N}. Clients that don't know it pass it over.
void AddShift(const AskUsage& usage, Json& ending);
Json ToolCallsJson(const std::vector<ToolCall>& calls);

}  // namespace ledge
