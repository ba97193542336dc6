// A worker: one model's process. Maps the model, gives up files and sockets, then renders,
// tokenizes, computes, samples and detokenizes for the front, at the other end of kChildSocket.
#pragma once

#include "os/os.h"

namespace ledge {

// The argument that makes the program a worker.
inline constexpr const char* kWorkerArgument = "--worker";

// Serves until the front is gone; the process's exit status.
int RunWorker(Os& os);

}  // namespace ledge
