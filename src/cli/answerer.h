// Who answers what `run` and the chat ask: this process's engine (engine_answerer.h) or a server
// that runs (client/server_answerer.h). Both give the same answer to the same seed.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api/answer.h"
#include "engine/engine.h"

namespace ledge {

struct Question {
  const nlohmann::ordered_json* messages = nullptr;  // a conversation; null: `text`
  std::string_view text;                             // gone on with as it is
};

struct TokenReport {
  Token token = 0;
  std::string text;  // what it prints
  float logprob = 0;
  std::vector<TokenReport> top;  // the likeliest ones beside it
};

struct Answer {
  std::string text;
  std::string reasoning;  // what the model thought before it
  std::vector<Token> ids;
  std::vector<TokenReport> logprobs;  // where asked for
  FinishReason finish = FinishReason::kNone;
  RequestTimings timings;
  // Not empty: nothing was computed, for what was asked is longer than the context; with both
  // lengths.
  std::string too_long;
};

class Answerer {
 public:
  using OnPart = std::function<void(const AnswerPart&)>;
  virtual ~Answerer() = default;
  // Hands out the answer as it comes, and returns the whole. Where `stop` is set the answer ends as
  // it is, with kCancelled: that is no error.
  virtual Result<Answer> Ask(const Question& question, const StopFlag& stop,
                             const OnPart& on_part) = 0;
  // The most tokens of a conversation; 0: not known.
  virtual uint32_t context() const { return 0; }
};

}  // namespace ledge
