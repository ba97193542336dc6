#include "os/cpu_topology.h"

#include <fmt/format.h>

#include <algorithm>

namespace ledge {

int CpuTopology::performance_cores() const {
  return static_cast<int>(std::ranges::count(cores, true, &CpuCore::performance));
}

std::string CpuTopology::Why() const {
  const auto all = static_cast<int>(cores.size());
  const int fast = performance_cores();
  std::string why = static_cast<int>(cpus.size()) < all
                        ? fmt::format("{} of {} physical cores", cpus.size(), all)
                        : fmt::format("{} physical core{}", all, all == 1 ? "" : "s");
  std::string more;
  if (fast < all) more = fmt::format("{} performance, {} efficiency; ", fast, all - fast);
  why += fmt::format(" ({}{} CPU{})", more, usable_cpus, usable_cpus == 1 ? "" : "s");
  if (usable_cpus < online_cpus) {
    why += fmt::format(", affinity mask of {} of {} CPUs", usable_cpus, online_cpus);
  }
  if (quota && *quota < all) why += fmt::format(", cgroup quota of {:.3g} CPUs", *quota);
  return why;
}

}  // namespace ledge
