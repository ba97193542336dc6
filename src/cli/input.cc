#include "cli/input.h"

#include <array>

#include "base/units.h"

namespace ledge {
namespace {

Result<std::string> ReadWhole(File& file, const std::string& name) {
  std::string text;
  std::array<std::byte, 64 * 1024> buffer;
  while (true) {
    LEDGE_TRY(const size_t got, file.Read(buffer));
    if (got == 0) return text;
    if (text.size() + got > kMaxInputBytes) {
      return MakeError(Code::kUsage, "{}: is longer than {}; give it in pieces", name,
                       FormatSize(kMaxInputBytes));
    }
    text.append(reinterpret_cast<const char*>(buffer.data()), got);
  }
}

}  // namespace

Result<std::string> ReadStdin(Program& program) {
  LEDGE_TRY(const auto file, program.os().Open("/dev/stdin", true));
  return ReadWhole(*file, "standard input");
}

Result<std::string> ReadTextFile(Program& program, const std::string& path) {
  LEDGE_TRY(const auto file, program.os().Open(path, true));
  return ReadWhole(*file, path);
}

}  // namespace ledge
