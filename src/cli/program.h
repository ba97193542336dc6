// What every command shares: where the store is, how results and messages are printed.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/os.h"

namespace ledge {

class CommandLine;
class Settings;

class Program {
 public:
  explicit Program(Os& os) : os_(os) {}

  Os& os() const { return os_; }

  // What --home, $LEDGE_HOME or ledge.toml say, else the default.
  Result<std::string> Home() const;
  // $XDG_DATA_HOME/ledge, else ~/.local/share/ledge; empty where neither variable is set.
  static std::string DefaultHome();

  // Results. A closed pipe ends output quietly; any other failure is the program's failure in the
  // end.
  void Print(std::string_view text);
  // Whether results no longer reach anybody: work for more of them is in vain.
  bool output_lost() const { return output_errno_ != 0; }
  // kIo if results could not be written, for another reason than that their reader had enough.
  Result<void> CheckOutput() const;
  // The one JSON document of --json, on one line; bytes that are no UTF-8 become U+FFFD.
  void PrintJson(const nlohmann::ordered_json& document);
  // A line on stderr: "ledge: warning: ..."; unless --quiet, plain information; with --verbose
  // only, "ledge: ..." about how things are done.
  void Warn(std::string_view message);
  void Inform(std::string_view message);
  void Detail(std::string_view message);

  bool stdin_is_terminal() const;
  bool stdout_is_terminal() const;
  bool stderr_is_terminal() const;

  std::string home_option;
  std::string config_option;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  // What was declared, and what is set outside of the command line; for commands that tell of it.
  const CommandLine* command_line = nullptr;
  const Settings* settings = nullptr;

 private:
  Os& os_;
  int output_errno_ = 0;  // of the first write of results that failed
};

// Parses, runs, prints errors; the process's exit status.
int RunProgram(Os& os, int argc, char** argv);

}  // namespace ledge
