#include "os/thread_place.h"

#include <sched.h>

namespace ledge {

int CurrentCpu() { return ::sched_getcpu(); }

void MoveToCpu(int cpu) {
  // Machines whose CPUs don't fit the set are large enough to do without.
  if (cpu < 0 || cpu >= CPU_SETSIZE) return;
  cpu_set_t before;
  if (::sched_getaffinity(0, sizeof(before), &before) != 0) return;
  if (!CPU_ISSET(cpu, &before)) return;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(cpu, &only);
  // If the second call were to fail, the thread would stay where it should be.
  if (::sched_setaffinity(0, sizeof(only), &only) != 0) return;
  static_cast<void>(::sched_setaffinity(0, sizeof(before), &before));
}

}  // namespace ledge
