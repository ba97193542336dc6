// The chat on a terminal: a history, commands that begin with '/', Ctrl-C stops an answer and not
// the program.
#pragma once

#include <optional>
#include <string>

#include "cli/answerer.h"
#include "cli/program.h"

namespace ledge {

// Returns when the person leaves. The oldest turns are left out when the context is full, and that
// is said. What a model thought is not shown to it again.
Result<void> Chat(Program& program, Answerer& answerer, const std::optional<std::string>& system);

}  // namespace ledge
