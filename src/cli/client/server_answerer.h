// Answers of a server that runs, over OpenAI's API with ledge's own fields.
#pragma once

#include <string>

#include "cli/answer_options.h"
#include "cli/answerer.h"
#include "cli/client/http_client.h"
#include "cli/program.h"

namespace ledge {

class ServerAnswerer : public Answerer {
 public:
  // `model` as the server names it. `program` and `options` must outlive it.
  ServerAnswerer(Program& program, HttpClient client, std::string model,
                 const AnswerOptions& options);

  // kUsage, kNotFound and the like with the server's own words; kUnreachable where the answer
  // breaks off.
  Result<Answer> Ask(const Question& question, const StopFlag& stop,
                     const OnPart& on_part) override;

 private:
  Result<std::string> BodyOf(const Question& question) const;

  Program& program_;
  HttpClient client_;
  std::string model_;
  const AnswerOptions& options_;
};

}  // namespace ledge
