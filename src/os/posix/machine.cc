#include "os/posix/machine.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "os/posix/posix.h"

namespace ledge::posix {
namespace {

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

}  // namespace ledge::posix
