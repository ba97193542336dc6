// Facts about the machine, read from /proc and /sys below `root` ("" for the machine itself), so
// that tests can show other machines.
//
// Sources: Linux admin-guide, cgroup-v1 (memory.txt, sched-bwc) and cgroup-v2 (cpu.max, memory.max,
// memory.stat); proc(5) for mountinfo, meminfo and status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
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

// How many physical cores the given logical CPUs stand for (siblings counted once), within `quota`.
int CountCores(const std::string& root, const std::vector<int>& cpus, std::optional<double> quota);

// The logical CPUs of this process's affinity mask.
std::vector<int> AffinityCpus();

}  // namespace ledge::posix
