// Options of `run` that say what an answer is to be like.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/program.h"
#include "engine/engine.h"
#include "engine/grammar/spec.h"

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
  std::optional<std::string> template_variables;  // JSON

  void Declare(Options& options);
  // The file that answers are held to: its name, or empty.
  const std::string& form_file() const { return schema.empty() ? grammar : schema; }
  // What it holds, as it is; of kind kNone where there is none.
  Result<GrammarSpec> ReadForm(Program& program) const;
  // Of the chat template, an object; kUsage where they are none.
  Result<nlohmann::ordered_json> Variables() const;
  // A request without its prompt and its form; the seed from the system's entropy where none is
  // given.
  Result<Request> ToRequest(Os& os, int64_t top_logprobs) const;
};

}  // namespace ledge
