#include "os/cpu_name.h"

#include <array>

namespace ledge {

// The value of the first "key : value" line of /proc/cpuinfo whose key is one of those that name
// the CPU.
std::string CpuName(Os& os) {
  auto file = os.Open("/proc/cpuinfo", true);
  if (!file.ok()) return {};
  std::array<std::byte, 16384> buffer;
  const auto got = (*file)->Read(buffer);
  if (!got.ok()) return {};
  const std::string_view text(reinterpret_cast<const char*>(buffer.data()), *got);
  for (const std::string_view key : {"model name", "Model", "Hardware"}) {
    const size_t at = text.find(key);
    if (at == text.npos) continue;
    const size_t colon = text.find(": ", at);
    const size_t end = text.find('\n', at);
    if (colon != text.npos && end != text.npos && colon < end) {
      return PrintableLine(text.substr(colon + 2, end - colon - 2), 100);
    }
  }
  return {};
}

}  // namespace ledge
