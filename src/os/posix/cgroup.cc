#include <algorithm>
#include <charconv>
#include <string_view>

#include "os/posix/machine.h"
#include "os/posix/posix.h"

namespace ledge::posix {
namespace {

constexpr int kMaxDepth = 64;  // of nested groups

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool Contains(std::string_view list, std::string_view item) {
  const auto parts = Split(list, ',');
  return std::find(parts.begin(), parts.end(), item) != parts.end();
}

std::optional<uint64_t> ReadNumber(std::string_view text) {
  uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end == text.data()) return std::nullopt;  // "max" and "-1" too
  return value;
}

// The value behind `key` in lines of "key value".
uint64_t StatValue(const std::string& text, std::string_view key) {
  for (const std::string_view line : Split(text, '\n')) {
    const auto words = Split(line, ' ');
    if (words.size() == 2 && words[0] == key) return ReadNumber(words[1]).value_or(0);
  }
  return 0;
}

struct Hierarchy {
  std::string mount;  // where it is mounted, below the root
  std::string group;  // this process's group, relative to the mount: "" or "/a/b"
};

// Finds where the controller (or, for "", the unified hierarchy) is mounted and which group is
// ours.
std::optional<Hierarchy> Find(const std::string& root, std::string_view controller) {
  std::string group;
  bool found = false;
  const std::string groups = ReadSmallFile(root + "/proc/self/cgroup");
  for (const std::string_view line : Split(groups, '\n')) {
    const size_t first = line.find(':');
    const size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? !controllers.empty() : !Contains(controllers, controller)) continue;
    group = line.substr(second + 1);
    found = true;
  }
  if (!found) return std::nullopt;
  const std::string mounts = ReadSmallFile(root + "/proc/self/mountinfo");
  for (const std::string_view line : Split(mounts, '\n')) {
    const size_t dash = line.find(" - ");
    if (dash == line.npos) continue;
    const auto left = Split(line.substr(0, dash), ' ');
    const auto right = Split(line.substr(dash + 3), ' ');
    if (left.size() < 5 || right.size() < 3) continue;
    const bool fits = controller.empty() ? right[0] == "cgroup2"
                                         : right[0] == "cgroup" && Contains(right[2], controller);
    if (!fits) continue;
    // A container may see only a part of the hierarchy: what is mounted begins at left[3].
    const std::string_view part = left[3] == "/" ? std::string_view() : left[3];
    if (group.starts_with(part)) group.erase(0, part.size());
    if (group == "/") group.clear();
    if (group.starts_with("/..")) group.clear();
    return Hierarchy{root + std::string(left[4]), group};
  }
  return std::nullopt;
}

void Lower(std::optional<double>& least, double value) {
  if (!least || value < *least) least = value;
}
void Lower(std::optional<uint64_t>& least, uint64_t value) {
  if (!least || value < *least) least = value;
}

void AddCpu(const std::string& folder, CgroupLimits& limits) {
  const std::string unified = ReadSmallFile(folder + "/cpu.max");
  std::optional<uint64_t> quota;
  std::optional<uint64_t> period;
  if (!unified.empty()) {
    const auto words = Split(std::string_view(unified).substr(0, unified.find('\n')), ' ');
    if (words.size() == 2) {
      quota = ReadNumber(words[0]);
      period = ReadNumber(words[1]);
    }
  } else {
    quota = ReadNumber(ReadSmallFile(folder + "/cpu.cfs_quota_us"));
    period = ReadNumber(ReadSmallFile(folder + "/cpu.cfs_period_us"));
  }
  if (!quota || !period || *period == 0) return;
  Lower(limits.cpus, static_cast<double>(*quota) / static_cast<double>(*period));
}

void AddMemory(const std::string& folder, bool unified, CgroupLimits& limits) {
  const auto limit =
      ReadNumber(ReadSmallFile(folder + (unified ? "/memory.max" : "/memory.limit_in_bytes")));
  if (!limit) return;
  const uint64_t used =
      ReadNumber(ReadSmallFile(folder + (unified ? "/memory.current" : "/memory.usage_in_bytes")))
          .value_or(0);
  // File pages are charged to the group but can be dropped and read again, as MemAvailable sees it
  // too.
  const std::string stat = ReadSmallFile(folder + "/memory.stat");
  const std::string prefix = unified ? "" : "total_";
  const uint64_t files =
      StatValue(stat, prefix + "active_file") + StatValue(stat, prefix + "inactive_file");
  const uint64_t held = used > files ? used - files : 0;
  Lower(limits.memory_limit, *limit);
  Lower(limits.memory_headroom, *limit > held ? *limit - held : 0);
}

template <typename Visit>
void ForEachLevel(const Hierarchy& hierarchy, Visit visit) {
  std::string group = hierarchy.group;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    visit(hierarchy.mount + group);
    if (group.empty()) return;
    group.erase(std::min(group.rfind('/'), group.size()));
  }
}

}  // namespace

CgroupLimits ReadCgroupLimits(const std::string& root) {
  CgroupLimits limits;
  if (const auto unified = Find(root, "")) {
    ForEachLevel(*unified, [&](const std::string& folder) {
      AddCpu(folder, limits);
      AddMemory(folder, true, limits);
    });
  }
  if (const auto cpu = Find(root, "cpu")) {
    ForEachLevel(*cpu, [&](const std::string& folder) { AddCpu(folder, limits); });
  }
  if (const auto memory = Find(root, "memory")) {
    ForEachLevel(*memory, [&](const std::string& folder) { AddMemory(folder, false, limits); });
  }
  return limits;
}

}  // namespace ledge::posix
