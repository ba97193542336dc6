// One answer of a running server, for `ledge run --server`: printed as if this process had computed
// it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/client/http_client.h"
#include "cli/generate.h"
#include "cli/program.h"

namespace ledge {

struct RemotePrompt {
  std::string model;  // as the server names it
  std::string text;
  std::optional<std::string> system;
  nlohmann::ordered_json variables;  // of the template, an object
  bool raw = false;                  // no chat template
  bool json = false;                 // the document of `ledge run --json`
};

// What is thought is not printed. kUsage, kNotFound and the like with the server's own words;
// kUnreachable where the answer breaks off.
Result<void> AnswerRemotely(Program& program, HttpClient& client, const RemotePrompt& prompt,
                            const AnswerOptions& options);

}  // namespace ledge
