// Which logical CPUs to compute on, and why these: one a physical core, the fast cores first, as
// many as the affinity mask and the cgroup's quota allow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ledge {

// A physical core of which this process may use at least one logical CPU.
struct CpuCore {
  int cpu = 0;              // the first of its logical CPUs that may be used
  int usable_cpus = 1;      // how many of them may be used
  bool performance = true;  // false: a small core beside faster ones
  // Relative speed as the kernel tells it (cpu_capacity, or the highest frequency in kHz); 0 where
  // it tells none.
  uint64_t speed = 0;
};

struct CpuTopology {
  std::vector<CpuCore> cores;   // all that may be used, fast ones first, then by number
  int online_cpus = 1;          // logical CPUs of the machine
  int usable_cpus = 1;          // those of them in the affinity mask
  std::optional<double> quota;  // CPUs' worth of time that the cgroup gives, if it limits
  std::vector<int> cpus;        // to compute on: of the first cores, within the quota; never empty

  // Performance and efficiency cores among `cores`.
  int performance_cores() const;
  // "2 of 14 cores (6 performance, 8 efficiency; 20 CPUs): cgroup quota of 2.5 CPUs".
  std::string Why() const;
};

}  // namespace ledge
