// Runs another program and waits for it. Arguments go to the program as they are: no shell reads
// them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace ledge {

struct ProcessOptions {
  bool show_stderr = false;  // the program's stderr is ours (its progress bar); else it is captured
  std::chrono::seconds limit{3600};  // then it is killed
};

struct ProcessResult {
  int exit_status = 0;  // 128 + signal if a signal ended it
  std::string output;   // the last 64 KiB of stdout, and of stderr where captured
};

// `arguments[0]` is looked up in PATH; kNotFound if it isn't there. A SIGINT to the terminal's
// foreground group reaches the program too; the result then has its status.
Result<ProcessResult> RunProcess(const std::vector<std::string>& arguments,
                                 const ProcessOptions& options);

}  // namespace ledge
