#include <sched.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include "os/posix/machine.h"
#include "os/posix/posix.h"

namespace ledge::posix {
namespace {

constexpr int kMaxCpus = 1 << 16;

// A core with less than this share of the fastest one's speed is a small one. Cores of one kind
// differ by less (favoured cores reach some percent more); small ones reach half, rarely 3/4.
constexpr double kSmallCoreShare = 0.8;

std::string CpuFolder(const std::string& root, int cpu) {
  return root + "/sys/devices/system/cpu/cpu" + std::to_string(cpu);
}

uint64_t ReadWhole(const std::string& path) {
  const std::string text = ReadSmallFile(path);
  uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() ? value : 0;
}

// The logical CPUs of a core, as the kernel lists them: what tells it from others.
std::string SiblingsOf(const std::string& root, int cpu) {
  const std::string topology = CpuFolder(root, cpu) + "/topology/";
  std::string siblings = ReadSmallFile(topology + "core_cpus_list");
  if (siblings.empty()) siblings = ReadSmallFile(topology + "thread_siblings_list");
  return siblings.empty() ? std::to_string(cpu) + "\n" : siblings;
}

// Intel's hybrid machines list their kinds of cores as two performance monitoring units.
void MarkIntelKinds(const std::string& root, std::vector<CpuCore>& cores) {
  const std::vector<int> small = ParseCpuList(ReadSmallFile(root + "/sys/devices/cpu_atom/cpus"));
  const std::vector<int> fast = ParseCpuList(ReadSmallFile(root + "/sys/devices/cpu_core/cpus"));
  if (fast.empty()) return;  // small cores alone are nothing's lesser kind
  for (CpuCore& core : cores) core.performance = std::ranges::find(small, core.cpu) == small.end();
}

// By what the kernel says of speeds: the scheduler's capacities, else the highest frequencies.
void ReadSpeeds(const std::string& root, std::vector<CpuCore>& cores) {
  for (const char* file : {"/cpu_capacity", "/cpufreq/cpuinfo_max_freq"}) {
    uint64_t most = 0;
    bool all = true;
    for (CpuCore& core : cores) {
      core.speed = ReadWhole(CpuFolder(root, core.cpu) + file);
      most = std::max(most, core.speed);
      all = all && core.speed > 0;
    }
    if (!all) continue;
    for (CpuCore& core : cores)
      core.performance =
          static_cast<double>(core.speed) >= kSmallCoreShare * static_cast<double>(most);
    return;
  }
  for (CpuCore& core : cores) core.speed = 0;
}

}  // namespace

std::vector<int> ParseCpuList(std::string_view text) {
  std::vector<int> cpus;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end && *at >= '0' && *at <= '9') {
    int first = 0;
    auto parsed = std::from_chars(at, end, first);
    int last = first;
    if (parsed.ec == std::errc() && parsed.ptr < end && *parsed.ptr == '-')
      parsed = std::from_chars(parsed.ptr + 1, end, last);
    if (parsed.ec != std::errc() || last >= kMaxCpus) return {};
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    if (cpus.size() > kMaxCpus) return {};
    at = parsed.ptr;
    if (at < end && *at == ',') ++at;
  }
  return cpus;
}

CpuTopology ReadCpuTopology(const std::string& root, const std::vector<int>& affinity,
                            std::optional<double> quota) {
  CpuTopology topology;
  std::map<std::string, size_t> known;  // siblings -> core
  for (const int cpu : affinity) {
    const auto [place, is_new] = known.try_emplace(SiblingsOf(root, cpu), topology.cores.size());
    if (is_new) {
      topology.cores.push_back({.cpu = cpu});
    } else {
      ++topology.cores[place->second].usable_cpus;
    }
  }
  if (topology.cores.empty()) topology.cores.push_back({});
  ReadSpeeds(root, topology.cores);
  MarkIntelKinds(root, topology.cores);
  std::ranges::stable_sort(topology.cores, std::greater(), [](const CpuCore& core) {
    return std::pair(core.performance, core.speed);
  });
  topology.usable_cpus = std::max(1, static_cast<int>(affinity.size()));
  const auto online = ParseCpuList(ReadSmallFile(root + "/sys/devices/system/cpu/online"));
  topology.online_cpus = std::max(topology.usable_cpus, static_cast<int>(online.size()));
  topology.quota = quota;
  size_t count = topology.cores.size();
  // Rounded down: a thread beyond the quota would be stopped in the middle of a step, and all wait
  // for it.
  if (quota && *quota < static_cast<double>(count))
    count = static_cast<size_t>(std::max(*quota, 1.0));
  for (size_t i = 0; i < count; ++i) topology.cpus.push_back(topology.cores[i].cpu);
  return topology;
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
