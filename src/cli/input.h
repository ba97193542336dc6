// What a command reads whole: standard input, or a text file.
#pragma once

#include <cstdint>
#include <string>

#include "cli/program.h"

namespace ledge {

inline constexpr uint64_t kMaxInputBytes = 64 << 20;

// Byte for byte to the end; kUsage over kMaxInputBytes.
Result<std::string> ReadStdin(Program& program);
Result<std::string> ReadTextFile(Program& program, const std::string& path);

}  // namespace ledge
