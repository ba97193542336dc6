// What the processor calls itself.
#pragma once

#include <string>

#include "os/os.h"

namespace ledge {

// From the kernel's list of processors, printable, one line; empty if it doesn't say.
std::string CpuName(Os& os);

}  // namespace ledge
