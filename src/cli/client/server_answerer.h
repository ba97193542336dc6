// Answers of a server that runs, over OpenAI's API with ledge's own fields.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/answer_options.h"
#include "cli/answerer.h"
#include "cli/client/http_client.h"
#include "cli/program.h"

namespace ledge {

class ServerAnswerer : public Answerer {
 public:
  // `model` as the server names it. `options` must outlive it.
  ServerAnswerer(HttpClient client, std::string model, const AnswerOptions& options);
  ~ServerAnswerer() override;

  // Before the first question: reads what the options name, once. kMalformed, naming the file,
  // where answers are to be held to a schema that is none.
  Result<void> Prepare(Program& program);

  // kUsage, kNotFound and the like with the server's own words; kUnreachable where the answer
  // breaks off.
  Result<Answer> Ask(const Question& question, const StopFlag& stop,
                     const OnPart& on_part) override;

 private:
  std::string BodyOf(const Question& question) const;

  HttpClient client_;
  std::string model_;
  const AnswerOptions& options_;
  // What all questions have in common, and what those of conversations have besides.
  std::unique_ptr<const nlohmann::ordered_json> common_;
  std::unique_ptr<const nlohmann::ordered_json> variables_;
};

}  // namespace ledge
