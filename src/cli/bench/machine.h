// What a benchmark says of the machine it ran on.
#pragma once

#include <cstdint>
#include <string>

#include "os/os.h"

namespace ledge {

struct MachineFacts {
  std::string cpu;           // "AMD EPYC ...", from the kernel's list; empty if it doesn't say
  std::string kernel;        // "Linux 6.1.0"
  std::string architecture;  // "x86_64"
  CpuTopology cpus;          // usable ones
  uint64_t memory = 0;
};

MachineFacts DescribeMachine(Os& os);

}  // namespace ledge
