// Takes from the calling process, for good, what a worker has no use for: opening files, sockets,
// other programs, other processes.
#pragma once

#include <string>

#include "base/result.h"

namespace ledge {

struct Confinement {
  bool system_calls = false;     // seccomp: an allow-list; everything else fails with EPERM
  int landlock = 0;              // the version of Landlock that keeps it from files, 0: none
  std::string ToString() const;  // "system calls, files (Landlock 4)"
};

// For the calling thread and all that it will start: call it before there are others. What is open
// or mapped already stays usable. kInternal if system calls can't be confined where the processor
// allows it; a kernel without Landlock is no error, since the system calls already deny opening.
Result<Confinement> ConfineProcess();

}  // namespace ledge
