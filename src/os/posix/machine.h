// Facts about the machine, read from /proc and /sys below `root` ("" for the machine itself), so
// that tests can show other machines.
//
// Sources: Linux admin-guide, cgroup-v1 (memory.txt, sched-bwc) and cgroup-v2 (cpu.max, memory.max,
// memory.stat); proc(5) for mountinfo, meminfo and status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/os.h"

namespace ledge::posix {

// The tightest limits on the way from this process's cgroup up to the root of the hierarchy.
struct CgroupLimits {
  std::optional<double> cpus;               // quota / period
  std::optional<uint64_t> memory_limit;     // bytes
  std::optional<uint64_t> memory_headroom;  // limit - used + what the kernel could drop, at least 0
};
CgroupLimits ReadCgroupLimits(const std::string& root);

struct MemoryFacts {
  uint64_t total = 0;
  uint64_t available = 0;
};
MemoryFacts ReadMemory(const std::string& root);

Os::Resident ReadResident(const std::string& root);

// The logical CPUs of a list such as "0-3,8"; empty if it is none, or longer than any machine's.
std::vector<int> ParseCpuList(std::string_view text);

// The physical cores of the given logical CPUs (siblings are one core; the kernel's topology lists,
// capacities, highest frequencies and Intel's two kinds decide), as many as `quota` allows.
CpuTopology ReadCpuTopology(const std::string& root, const std::vector<int>& affinity,
                            std::optional<double> quota);

// The logical CPUs of this process's affinity mask.
std::vector<int> AffinityCpus();

}  // namespace ledge::posix
