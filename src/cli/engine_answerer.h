// Answers of this process's own engine.
#pragma once

#include <optional>

#include "cli/answer_options.h"
#include "cli/answerer.h"
#include "engine/grammar/grammar.h"
#include "engine/prompt.h"

namespace ledge {

class EngineAnswerer : public Answerer {
 public:
  // All must outlive it. `top_logprobs`: beside each token, -1: no log-probabilities.
  EngineAnswerer(Os& os, Engine& engine, const Tokenizer& tokenizer,
                 const ChatTemplate& chat_template, const AnswerOptions& options,
                 int64_t top_logprobs);

  // Reads the file that answers are held to, if there is one; kMalformed, naming it, where it is no
  // such schema or grammar.
  Result<void> HoldToForm(Program& program);

  Result<Answer> Ask(const Question& question, const StopFlag& stop,
                     const OnPart& on_part) override;
  uint32_t context() const override { return engine_.context(); }

 private:
  Result<Thinking> Prepare(const Question& question, Request& request) const;
  void Take(const Event& event, AnswerReader& reader, Answer& answer, const OnPart& on_part) const;
  TokenReport ReportOf(Token token, float logprob) const;

  Os& os_;
  Engine& engine_;
  const Tokenizer& tokenizer_;
  const ChatTemplate& template_;
  const AnswerOptions& options_;
  int64_t top_logprobs_;
  GrammarSpec form_;
  GrammarCache grammars_;
};

}  // namespace ledge
