// One answer: options of `run`, and the loop that turns a prompt into text.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/run_options.h"
#include "engine/engine.h"

namespace ledge {

// Sampling and ending, as people set them.
struct AnswerOptions {
  std::optional<int64_t> max_tokens;
  double temperature = 0.8;
  int64_t top_k = 40;
  double top_p = 0.95;
  double min_p = 0.05;
  double typical_p = 1.0;
  double repeat_penalty = 1.0;
  double presence_penalty = 0.0;
  double frequency_penalty = 0.0;
  int64_t repeat_last_n = 64;
  std::optional<int64_t> seed;
  std::vector<std::string> stop;
  std::vector<std::string> logit_bias;  // "ID=BIAS"
  std::string schema;                   // files; at most one of the two
  std::string grammar;
  std::shared_ptr<Matching> held_to;  // of the file, once it is known what model answers

  void Declare(Options& options);
  // Reads and compiles the file that answers are held to, if there is one; kMalformed, naming it,
  // where it is no such schema or grammar.
  Result<void> HoldTo(Program& program, const Tokenizer& tokenizer);
  // A request without its prompt; the seed from the system's entropy where none is given.
  Result<Request> ToRequest(Os& os, int64_t top_logprobs) const;
};

struct TokenReport {
  Token token = 0;
  float logprob = 0;
  std::vector<TokenLogprob> top;
};

struct Answer {
  std::string text;
  std::vector<Token> ids;
  std::vector<TokenReport> logprobs;  // where asked for
  FinishReason finish = FinishReason::kNone;
  RequestTimings timings;
};

// Runs the engine until the request is done, handing out text as it comes. When `stop` is set the
// answer ends where it is, with kCancelled: that is no error.
Result<Answer> Generate(Engine& engine, Request request, const StopFlag& stop,
                        const std::function<void(std::string_view)>& on_text);

}  // namespace ledge
