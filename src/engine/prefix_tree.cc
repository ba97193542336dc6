#include "engine/prefix_tree.h"

#include <algorithm>

#include "kernels/kv_page.h"

namespace ledge {
namespace {

// Sharing less than a page saves less than it costs to look after.
constexpr uint32_t kLeastShared = kPageTokens;

size_t CommonLength(std::span<const Token> a, std::span<const Token> b) {
  const auto [end, other] = std::ranges::mismatch(a, b);
  return static_cast<size_t>(end - a.begin());
}

}  // namespace

PrefixTree::Match PrefixTree::Best(std::string_view owner, std::span<const Token> tokens) const {
  const Key wanted{std::string(owner), {tokens.begin(), tokens.end()}};
  Match best{kept_.end()};
  const auto after = kept_.lower_bound(wanted);
  // From there outwards less and less is in common. False: nothing better comes.
  const auto consider = [&](Map::const_iterator entry) {
    if (entry->first.owner != owner || tokens.empty()) return false;
    const auto common = static_cast<uint32_t>(
        std::min(CommonLength(entry->first.tokens, tokens), tokens.size() - 1));
    if (common < kLeastShared || common <= best.shared) return false;
    best.common = std::max(best.common, common);
    const uint32_t cut = executor_.CutPoint(entry->second.sequence, common);
    if (best.entry == kept_.end() || cut > best.shared) {
      best.entry = entry;
      best.shared = cut;
    }
    return true;
  };
  for (auto entry = after; entry != kept_.end() && consider(entry);) ++entry;
  for (auto entry = after; entry != kept_.begin() && consider(std::prev(entry));) --entry;
  return best;
}

uint32_t PrefixTree::Known(std::string_view owner, std::span<const Token> tokens) const {
  return Best(owner, tokens).shared;
}

Result<std::optional<Executor::Forked>> PrefixTree::Fork(std::string_view owner,
                                                         std::span<const Token> tokens) {
  const Match match = Best(owner, tokens);
  if (match.entry == kept_.end()) return std::optional<Executor::Forked>();
  kept_.find(match.entry->first)->second.used = ++uses_;
  LEDGE_TRY(const Executor::Forked forked,
            executor_.Fork(match.entry->second.sequence, match.shared));
  LEDGE_CHECK_OK(executor_.Mark(forked.id, match.common));
  return std::optional(forked);
}

void PrefixTree::Keep(std::string_view owner, SequenceId sequence, std::vector<Token> tokens) {
  Key key{std::string(owner), std::move(tokens)};
  // What begins with all of it stands right behind it.
  const auto after = kept_.lower_bound(key);
  const bool is_beginning = after != kept_.end() && after->first.owner == owner &&
                            CommonLength(after->first.tokens, key.tokens) == key.tokens.size();
  if (is_beginning || most_ == 0) {
    if (is_beginning) after->second.used = ++uses_;
    executor_.RemoveSequence(sequence);
    return;
  }
  for (auto entry = kept_.begin(); entry != kept_.end();) {
    const auto next = std::next(entry);
    const auto& kept = entry->first;
    if (kept.owner == owner && kept.tokens.size() <= key.tokens.size() &&
        CommonLength(kept.tokens, key.tokens) == kept.tokens.size())
      Drop(entry);
    entry = next;
  }
  // Gives back the room that it had for more; can't fail where the tokens are its own.
  (void)executor_.Truncate(sequence, static_cast<uint32_t>(key.tokens.size()));
  const uint64_t bytes = executor_.KvBytes(sequence);
  kept_.emplace(std::move(key), Entry{sequence, bytes, ++uses_});
  bytes_ += bytes;
  while (kept_.size() > most_ || (bytes_ > most_bytes_ && !kept_.empty())) DropOldest();
}

void PrefixTree::Drop(Map::iterator entry) {
  executor_.RemoveSequence(entry->second.sequence);
  bytes_ -= entry->second.bytes;
  kept_.erase(entry);
}

bool PrefixTree::DropOldest() {
  if (kept_.empty()) return false;
  Drop(std::ranges::min_element(kept_, {}, [](const auto& entry) { return entry.second.used; }));
  return true;
}

}  // namespace ledge
