#include "api/collecting_exchange.h"

#include "base/utf8.h"

namespace ledge {
namespace {

Json TokenJson(const TokenShare& share) {
  Json bytes = Json::array();
  for (const char c : share.bytes) bytes.push_back(static_cast<unsigned char>(c));
  return {{"token", Utf8Sanitized(share.bytes)},
          {"logprob", share.logprob},
          {"bytes", std::move(bytes)}};
}

Json LogprobsOf(const AskPiece& piece) {
  Json list = Json::array();
  for (size_t i = 0; i < piece.logprobs.size(); ++i) {
    Json entry = TokenJson(piece.logprobs[i]);
    entry["top_logprobs"] = Json::array();
    if (i < piece.top.size()) {
      for (const TokenShare& other : piece.top[i])
        entry["top_logprobs"].push_back(TokenJson(other));
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

void CollectingExchange::OnStarted(size_t choice, const AskStarted& started, std::string& out) {
  choices_[choice].usage.prompt_tokens = started.prompt_tokens;
  choices_[choice].usage.cached_tokens = started.cached_tokens;
  if (!tools_.names.empty()) {
    choices_[choice].reader =
        MakeToolReader(tools_.forced ? ToolFormat::kForced : started.tool_format,
                       {.names = tools_.names,
                        .salt = salt_ + "/" + std::to_string(choice),
                        .one_call = tools_.one_call,
                        .thinking = started.thinking});
  } else if (started.thinking) {
    choices_[choice].reader = MakeReasoningReader(true);
  }
  if (stream) StreamBegin(choice, out);
}

void CollectingExchange::OnPiece(size_t choice, const AskPiece& piece, std::string& out) {
  Choice& c = choices_[choice];
  Json logprobs = LogprobsOf(piece);
  c.ids.insert(c.ids.end(), piece.ids.begin(), piece.ids.end());
  Take(choice, c.reader->Feed(piece.text), logprobs, out);
  if (c.content.empty() && c.tool_calls.empty()) c.tokens_before_content += piece.tokens;
  if (!stream) {
    for (Json& entry : logprobs) c.logprobs.push_back(std::move(entry));
  }
}

void CollectingExchange::Take(size_t choice, const std::vector<AnswerPart>& parts,
                              const Json& logprobs, std::string& out) {
  Choice& c = choices_[choice];
  const Json* told = &logprobs;
  const Json none = Json::array();
  for (const AnswerPart& part : parts) {
    if (c.reasoning.empty() && !part.reasoning.empty())
      c.reasoning_first = c.content.empty() && c.tool_calls.empty();
    c.reasoning += part.reasoning;
    if (c.content.empty()) c.calls_before_content = c.tool_calls.size();
    c.content += part.content;
    for (const CallPart& call : part.calls) {
      if (!call.name.empty()) c.tool_calls.push_back({.id = call.id, .name = call.name});
      c.tool_calls[call.index].arguments += call.arguments;
      c.tool_calls[call.index].broken = call.broken;
    }
    if (stream) StreamPart(choice, part, *told, out);
    told = &none;
  }
  if (stream && !told->empty()) StreamPart(choice, {}, *told, out);
}

void CollectingExchange::OnEnd(size_t choice, const AskEnd& end, std::string& out) {
  Choice& c = choices_[choice];
  Take(choice, c.reader->Finish(), Json::array(), out);
  c.ended = true;
  c.finish =
      end.finish == AskFinish::kStop && !c.tool_calls.empty() ? AskFinish::kToolCalls : end.finish;
  c.stop_string = end.stop_string;
  c.usage = end.usage;
  c.usage.reasoning_tokens = ReasoningTokens(c, end.usage);
  if (stream) StreamEnd(choice, out);
}

uint32_t CollectingExchange::ReasoningTokens(const Choice& choice, const AskUsage& usage) {
  if (choice.reasoning.empty()) return 0;
  // All of it where nothing else came: tokens whose text was held back at the end were in no piece.
  const bool only = choice.content.empty() && choice.tool_calls.empty();
  return only ? usage.completion_tokens : choice.tokens_before_content;
}

void CollectingExchange::OnAllEnded(std::string& out) {
  if (stream) {
    StreamAllEnded(out);
  } else {
    out += Dump(Body());
  }
}

std::string CollectingExchange::ErrorPiece(const ApiError& error) const {
  return "data: " + ErrorBody(style(), error) + "\n\n";
}

AskUsage CollectingExchange::TotalUsage() const {
  AskUsage total;
  for (const Choice& choice : choices_) {
    total.prompt_tokens = choice.usage.prompt_tokens;
    total.cached_tokens = std::max(total.cached_tokens, choice.usage.cached_tokens);
    total.completion_tokens += choice.usage.completion_tokens;
    total.reasoning_tokens += choice.usage.reasoning_tokens;
    total.forced_tokens += choice.usage.forced_tokens;
    total.total = std::max(total.total, choice.usage.total);
  }
  if (!choices_.empty()) {
    total.cached_tokens = choices_.front().usage.cached_tokens;
    total.to_first_token = choices_.front().usage.to_first_token;
  }
  return total;
}

void AppendEvent(const Json& json, std::string& out) { out += "data: " + Dump(json) + "\n\n"; }

void AppendTypedEvent(const Json& json, std::string& out) {
  out += "event: " + json["type"].get<std::string>() + "\ndata: " + Dump(json) + "\n\n";
}

void AppendLine(const Json& json, std::string& out) { out += Dump(json) + "\n"; }

std::string_view OpenAiFinish(AskFinish finish) {
  switch (finish) {
    case AskFinish::kLength:
      return "length";
    case AskFinish::kToolCalls:
      return "tool_calls";
    default:
      return "stop";
  }
}

Json OpenAiUsage(const AskUsage& usage) {
  return {{"prompt_tokens", usage.prompt_tokens},
          {"completion_tokens", usage.completion_tokens},
          {"total_tokens", usage.prompt_tokens + usage.completion_tokens},
          {"prompt_tokens_details", {{"cached_tokens", usage.cached_tokens}}},
          // forced_tokens is ours: those that the form of the answer left no choice about.
          {"completion_tokens_details",
           {{"reasoning_tokens", usage.reasoning_tokens}, {"forced_tokens", usage.forced_tokens}}}};
}

void AddShift(const AskUsage& usage, Json& ending) {
  if (usage.dropped_tokens > 0)
    ending["context_shift"] = {{"dropped_tokens", usage.dropped_tokens}};
}

Json ToolCallsJson(const std::vector<ToolCall>& calls) {
  Json list = Json::array();
  for (const ToolCall& call : calls) {
    list.push_back({{"id", call.id},
                    {"type", "function"},
                    {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
  }
  return list;
}

}  // namespace ledge
