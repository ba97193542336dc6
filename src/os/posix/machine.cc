#include "os/posix/machine.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <set>
#include <string_view>

#include "os/posix/posix.h"

namespace ledge::posix {
namespace {

constexpr int kMaxCpus = 1 << 16;

// "Key:   123 kB" -> bytes; 0 if the key is missing.
uint64_t KilobytesOf(std::string_view text, std::string_view key) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':') continue;
    line.remove_prefix(key.size() + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    uint64_t value = 0;
    std::from_chars(line.data(), line.data() + line.size(), value);
    return value * 1024;
  }
  return 0;
}

}  // namespace

MemoryFacts ReadMemory(const std::string& root) {
  const std::string info = ReadSmallFile(root + "/proc/meminfo");
  MemoryFacts facts;
  facts.total = KilobytesOf(info, "MemTotal");
  facts.available = KilobytesOf(info, "MemAvailable");
  // Kernels before 3.14 have no MemAvailable.
  if (facts.available == 0) {
    facts.available = KilobytesOf(info, "MemFree") + KilobytesOf(info, "Cached");
  }
  const CgroupLimits limits = ReadCgroupLimits(root);
  if (limits.memory_limit) facts.total = std::min(facts.total, *limits.memory_limit);
  if (limits.memory_headroom) facts.available = std::min(facts.available, *limits.memory_headroom);
  return facts;
}

Os::Resident ReadResident(const std::string& root) {
  const std::string status = ReadSmallFile(root + "/proc/self/status");
  return {.anonymous = KilobytesOf(status, "RssAnon"),
          .file = KilobytesOf(status, "RssFile") + KilobytesOf(status, "RssShmem")};
}

int CountCores(const std::string& root, const std::vector<int>& cpus, std::optional<double> quota) {
  std::set<std::string> cores;
  for (const int cpu : cpus) {
    const std::string topology =
        root + "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    std::string siblings = ReadSmallFile(topology + "core_cpus_list");
    if (siblings.empty()) siblings = ReadSmallFile(topology + "thread_siblings_list");
    if (siblings.empty()) siblings = std::to_string(cpu) + "\n";
    cores.insert(siblings);
  }
  int count = static_cast<int>(cores.size());
  // Rounded down: a thread beyond the quota would be stopped in the middle of a step, and all wait
  // for it.
  if (quota && *quota < count) count = static_cast<int>(*quota);
  return std::max(count, 1);
}

std::vector<int> AffinityCpus() {
  std::vector<int> cpus;
  for (int limit = 1024; limit <= kMaxCpus; limit *= 4) {
    cpu_set_t* const set = CPU_ALLOC(static_cast<size_t>(limit));
    if (set == nullptr) break;
    const size_t bytes = CPU_ALLOC_SIZE(static_cast<size_t>(limit));
    CPU_ZERO_S(bytes, set);
    const bool read = ::sched_getaffinity(0, bytes, set) == 0;  // EINVAL: the mask is larger
    for (int cpu = 0; read && cpu < limit; ++cpu) {
      if (CPU_ISSET_S(static_cast<size_t>(cpu), bytes, set)) cpus.push_back(cpu);
    }
    CPU_FREE(set);
    if (read) break;
  }
  return cpus;
}

}  // namespace ledge::posix
