// Ctrl-C: the first one asks the work in progress to stop; what that means is the command's
// business.
#pragma once

#include "executor/executor.h"

namespace ledge {

// While it lives, SIGINT and SIGTERM set `flag` to kStop and Interrupted() to true; system calls
// they interrupt return EINTR. One at a time. A second SIGINT within the same work ends the process
// as ExitOnInterrupts does if the first was not looked at for three seconds.
class InterruptGuard {
 public:
  explicit InterruptGuard(StopFlag& flag);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool interrupted() const;
  // Whether it was SIGTERM: then the program should end, too.
  bool terminated() const;
  // Back to "go on", for the next piece of work.
  void Reset();
};

// From now on SIGINT and SIGTERM, where no guard lives, end the process with one line on stderr
// (and, if `json` is true at that moment, the error's document on stdout) and status 130. `json`
// must live as long.
void ExitOnInterrupts(const bool& json);

}  // namespace ledge
