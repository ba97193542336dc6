#include "engine/prefix_cache.h"

#include <algorithm>

#include "kernels/kv_page.h"

namespace ledge {
namespace {

// Sharing less than a page saves less than it costs to look after.
constexpr size_t kLeastShared = kPageTokens;

size_t CommonLength(std::span<const Token> a, std::span<const Token> b) {
  const auto [end, other] = std::ranges::mismatch(a, b);
  return static_cast<size_t>(end - a.begin());
}

}  // namespace

Result<std::optional<Executor::Forked>> PrefixCache::Fork(std::span<const Token> tokens) {
  size_t best = 0;
  auto from = kept_.end();
  for (auto entry = kept_.begin(); entry != kept_.end(); ++entry) {
    const size_t common = CommonLength(entry->tokens, tokens);
    if (common > best) {
      best = common;
      from = entry;
    }
  }
  if (!tokens.empty()) best = std::min(best, tokens.size() - 1);
  if (best < kLeastShared) return std::optional<Executor::Forked>();
  kept_.splice(kept_.begin(), kept_, from);
  LEDGE_TRY(const Executor::Forked forked,
            executor_.Fork(from->sequence, static_cast<uint32_t>(best)));
  return std::optional(forked);
}

void PrefixCache::Keep(SequenceId sequence, std::vector<Token> tokens) {
  for (auto entry = kept_.begin(); entry != kept_.end();) {
    if (CommonLength(entry->tokens, tokens) == entry->tokens.size()) {
      executor_.RemoveSequence(entry->sequence);
      entry = kept_.erase(entry);
    } else {
      ++entry;
    }
  }
  kept_.push_front({sequence, std::move(tokens)});
  while (kept_.size() > most_) DropOldest();
}

bool PrefixCache::DropOldest() {
  if (kept_.empty()) return false;
  executor_.RemoveSequence(kept_.back().sequence);
  kept_.pop_back();
  return true;
}

}  // namespace ledge
