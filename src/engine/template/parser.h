// Template source -> Program.
#pragma once

#include <string_view>

#include "engine/template/ast.h"

namespace ledge::jinja {

// kMalformed for a syntax error, kUnsupported for a limit (limits.h) or a tag that chat templates
// have no use for (include, extends, block, ...); the message begins with "line N: ".
Result<Program> ParseProgram(std::string_view source);

}  // namespace ledge::jinja
