#include "residency/eviction.h"

#include <algorithm>

namespace ledge {
namespace {

class LruPolicy : public EvictionPolicy {
 public:
  std::optional<std::vector<std::string>> Choose(std::vector<EvictionCandidate> candidates,
                                                 uint64_t bytes) const override {
    std::erase_if(candidates, [](const EvictionCandidate& c) { return c.pinned || c.busy; });
    std::ranges::sort(candidates, {}, &EvictionCandidate::last_used);
    std::vector<std::string> chosen;
    uint64_t freed = 0;
    for (const EvictionCandidate& candidate : candidates) {
      if (freed >= bytes) break;
      freed += candidate.bytes;
      chosen.push_back(candidate.name);
    }
    if (freed < bytes) return std::nullopt;
    return chosen;
  }
};

}  // namespace

std::unique_ptr<EvictionPolicy> MakeLruPolicy() { return std::make_unique<LruPolicy>(); }

}  // namespace ledge
