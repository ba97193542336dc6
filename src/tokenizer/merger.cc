#include "tokenizer/merger.h"

#include <algorithm>
#include <functional>

namespace ledge {
namespace {

// Up to this many symbols, looking through all pairs is quicker than keeping a heap.
constexpr size_t kShortWord = 24;
constexpr uint32_t kNone = 0xFFFFFFFF;
constexpr uint32_t kGone = kNoSymbol;

}  // namespace

void Merger::Merge(std::vector<uint32_t>& symbols) {
  if (symbols.size() < 2) return;
  if (symbols.size() <= kShortWord) {
    MergeShort(symbols);
  } else {
    MergeLong(symbols);
  }
}

void Merger::MergeShort(std::vector<uint32_t>& symbols) {
  ranks_.clear();
  for (size_t i = 0; i + 1 < symbols.size(); ++i)
    ranks_.push_back(Rank(symbols[i], symbols[i + 1]));
  while (!ranks_.empty()) {
    const auto best = std::min_element(ranks_.begin(), ranks_.end());
    if (*best == kNoRank) return;
    const auto at = static_cast<size_t>(best - ranks_.begin());
    const auto merge = tables_.FindPair(symbols[at], symbols[at + 1]);
    symbols[at] = merge->result;  // its rank came from the table
    symbols.erase(symbols.begin() + static_cast<ptrdiff_t>(at) + 1);
    ranks_.erase(best);
    if (at > 0) ranks_[at - 1] = Rank(symbols[at - 1], symbols[at]);
    if (at < ranks_.size()) ranks_[at] = Rank(symbols[at], symbols[at + 1]);
  }
}

// The heap holds rank << 32 | left. An entry is outdated where the pair at `left` has another rank
// by now; where it has the same rank again, the entry is as good as that pair's own.
void Merger::Push(const std::vector<uint32_t>& symbols, uint32_t left) {
  const uint32_t right = next_[left];
  if (right == kNone) return;
  const uint32_t rank = Rank(symbols[left], symbols[right]);
  if (rank == kNoRank) return;
  heap_.push_back(static_cast<uint64_t>(rank) << 32 | left);
}

void Merger::MergeLong(std::vector<uint32_t>& symbols) {
  const auto n = static_cast<uint32_t>(symbols.size());
  next_.resize(n);
  previous_.resize(n);
  for (uint32_t i = 0; i < n; ++i) {
    next_[i] = i + 1 < n ? i + 1 : kNone;
    previous_[i] = i > 0 ? i - 1 : kNone;
  }
  heap_.clear();
  for (uint32_t i = 0; i + 1 < n; ++i) Push(symbols, i);
  std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
  const auto push = [&](uint32_t left) {
    const size_t before = heap_.size();
    Push(symbols, left);
    if (heap_.size() > before) std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  };
  while (!heap_.empty()) {
    const uint64_t entry = heap_.front();
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
    const auto left = static_cast<uint32_t>(entry);
    if (symbols[left] == kGone || next_[left] == kNone) continue;
    const uint32_t right = next_[left];
    const auto merge = tables_.FindPair(symbols[left], symbols[right]);
    if (!merge || merge->rank != entry >> 32) continue;
    symbols[left] = merge->result;
    symbols[right] = kGone;
    next_[left] = next_[right];
    if (next_[left] != kNone) previous_[next_[left]] = left;
    push(left);
    if (previous_[left] != kNone) push(previous_[left]);
  }
  symbols.erase(std::remove(symbols.begin(), symbols.end(), kGone), symbols.end());
}

}  // namespace ledge
