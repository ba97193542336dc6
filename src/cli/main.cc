#include <string_view>

#include "cli/program.h"
#include "worker/worker.h"

int main(int argc, char** argv) {
  // Not a command: how `ledge serve` starts the processes that hold models.
  if (argc == 2 && std::string_view(argv[1]) == ledge::kWorkerArgument)
    return ledge::RunWorker(ledge::PosixOs());
  return ledge::RunProgram(ledge::PosixOs(), argc, argv);
}
