// Answers of this process's own engine.
#pragma once

#include <memory>
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

  ~EngineAnswerer() override;

  // Before the first question: reads what the options name, once. The file that answers are held to
  // (kMalformed, naming it, where it is no such schema or grammar), and the template's variables.
  Result<void> Prepare(Program& program);

  Result<Answer> Ask(const Question& question, const StopFlag& stop,
                     const OnPart& on_part) override;
  uint32_t context() const override { return engine_.context(); }

 private:
  Result<Thinking> MakePrompt(const Question& question, Request& request) const;
  void Take(const Event& event, AnswerReader& reader, Answer& answer, const OnPart& on_part) const;
  TokenReport ReportOf(Token token, float logprob) const;

  Os& os_;
  Engine& engine_;
  const Tokenizer& tokenizer_;
  const ChatTemplate& template_;
  const AnswerOptions& options_;
  int64_t top_logprobs_;
  GrammarSpec form_;
  std::unique_ptr<const nlohmann::ordered_json> variables_;
  GrammarCache grammars_;
};

}  // namespace ledge
