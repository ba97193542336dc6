// Which models leave the memory when another one needs it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ledge {

struct EvictionCandidate {
  std::string name;
  uint64_t bytes = 0;  // that come free
  bool pinned = false;
  bool busy = false;  // loading, or with requests: never evicted
  std::chrono::nanoseconds last_used{0};
};

class EvictionPolicy {
 public:
  virtual ~EvictionPolicy() = default;
  // Names to evict so that at least `bytes` come free; nothing if that can't be had now.
  virtual std::optional<std::vector<std::string>> Choose(std::vector<EvictionCandidate> candidates,
                                                         uint64_t bytes) const = 0;
};

// Idle ones, the least recently used first.
std::unique_ptr<EvictionPolicy> MakeLruPolicy();

}  // namespace ledge
