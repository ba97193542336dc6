// Which CPU a thread runs on.
#pragma once

namespace ledge {

// That of the calling thread, as it was a moment ago; -1 where the system doesn't say.
int CurrentCpu();

// Brings the calling thread to `cpu` now, if it may run there. The system may move it on later, to
// any CPU that it could before.
void MoveToCpu(int cpu);

}  // namespace ledge
