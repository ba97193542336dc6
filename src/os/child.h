// Starts this very program again, joined by a socket: how the server gets its workers.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace ledge {

// The child finds its end of the socket at this descriptor.
inline constexpr int kChildSocket = 3;

struct Child {
  pid_t pid = -1;
  int socket = -1;  // a non-blocking stream socket; whoever holds the Child closes it
};

// Runs the program that is running now with `arguments` behind its name. The child shares stderr,
// has /dev/null for stdin and stdout, and dies with its parent. kInternal, with the system's
// reason.
Result<Child> StartChild(const std::vector<std::string>& arguments);

// Whether the child has ended, and if so how: "signal 9", "status 1". Reaps it.
bool ChildEnded(pid_t pid, std::string& how);

// The memory that is a process's own share of what it has mapped, in bytes: anonymous, and of
// files. Zeros where the system doesn't tell.
struct ProportionalMemory {
  uint64_t anonymous = 0;
  uint64_t file = 0;
};
ProportionalMemory ProportionalMemoryOf(pid_t pid);

}  // namespace ledge
