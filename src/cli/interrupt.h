// Ctrl-C: the first one asks the work in progress to stop; what that means is the command's business.
#pragma once

#include "executor/executor.h"

namespace ledge {

// While it lives, SIGINT and SIGTERM set `flag` to kStop and Interrupted() to true; system calls they
// interrupt return EINTR. One at a time. A second SIGINT within the same work does what it would without us
// (ends the process) if the first was not looked at for three seconds.
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

}  // namespace ledge
