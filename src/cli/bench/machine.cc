#include "cli/bench/machine.h"

#include <sys/utsname.h>

#include "os/cpu_name.h"

namespace ledge {
MachineFacts DescribeMachine(Os& os) {
  MachineFacts facts{.cpu = CpuName(os), .cpus = os.Cpus(), .memory = os.TotalMemory()};
  utsname names{};
  if (uname(&names) == 0) {
    facts.kernel = std::string(names.sysname) + " " + names.release;
    facts.architecture = names.machine;
  }
  return facts;
}

}  // namespace ledge
