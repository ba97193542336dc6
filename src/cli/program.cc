#include "cli/program.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

namespace ledge {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// 0, or why it failed.
int WriteAll(std::FILE* file, std::string_view text) {
  errno = 0;
  const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fflush(file) == 0 && whole) return 0;
  return errno == 0 ? EIO : errno;
}

}  // namespace

Result<std::string> Program::Home() const {
  const std::string home = home_option.empty() ? DefaultHome() : home_option;
  if (!home.empty()) return home;
  return MakeError(Code::kUsage,
                   "no folder for the store: HOME is not set; give --home DIR or set LEDGE_HOME");
}

std::string Program::DefaultHome() {
  if (const std::string data = Variable("XDG_DATA_HOME"); !data.empty()) return data + "/ledge";
  if (const std::string user = Variable("HOME"); !user.empty()) return user + "/.local/share/ledge";
  return {};
}

void Program::Print(std::string_view text) {
  const int failed = WriteAll(stdout, text);
  if (output_errno_ == 0) output_errno_ = failed;
}

Result<void> Program::CheckOutput() const {
  if (output_errno_ == 0 || output_errno_ == EPIPE) return {};
  return MakeError(
      Code::kIo, "cannot write the results to standard output: {}; what it leads to must take them",
      std::strerror(output_errno_));
}

void Program::PrintJson(const nlohmann::ordered_json& document) {
  Print(document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void Program::Warn(std::string_view message) {
  WriteAll(stderr, PrintableLine(std::string("ledge: warning: ") + std::string(message)) + "\n");
}

void Program::Inform(std::string_view message) {
  if (!quiet) WriteAll(stderr, PrintableLine(message) + "\n");
}

void Program::Detail(std::string_view message) {
  if (verbose) WriteAll(stderr, PrintableLine("ledge: " + std::string(message)) + "\n");
}

bool Program::stdin_is_terminal() const { return isatty(STDIN_FILENO) != 0; }
bool Program::stdout_is_terminal() const { return isatty(STDOUT_FILENO) != 0; }
bool Program::stderr_is_terminal() const { return isatty(STDERR_FILENO) != 0; }

}  // namespace ledge
