// The chat on a terminal: a history, commands that begin with '/', Ctrl-C stops an answer and not
// the program.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "cli/generate.h"
#include "engine/prompt.h"

namespace ledge {

struct ChatSetup {
  const ChatTemplate& chat_template;
  const nlohmann::ordered_json& variables;  // of the template
  const AnswerOptions& options;
  const std::optional<std::string>& system;
};

// Returns when the person leaves. The oldest turns are left out when the context is full, and that
// is said.
Result<void> Chat(Program& program, Engine& engine, const Tokenizer& tokenizer,
                  const ChatSetup& setup);

}  // namespace ledge
