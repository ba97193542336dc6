#include "executor/native/shared_pages.h"

#include <algorithm>
#include <functional>

#include "kernels/kv_page.h"

namespace ledge {
namespace {

// Blocks of more columns keep the kernels busy by themselves.
constexpr uint32_t kMaxSharingColumns = 4;

const std::byte* PageAt(const SequenceState& state, size_t group, uint32_t page) {
  const auto pages = state.pages(group);
  return page < pages.size() && pages[page] ? pages[page].data() : nullptr;
}

// Whole spans that both begin with, `most` at most.
uint32_t CommonSpans(const SequenceState& a, const SequenceState& b, size_t group, uint32_t most) {
  for (uint32_t page = 0; page < most * kSpanPages; ++page) {
    const std::byte* data = PageAt(a, group, page);
    if (data == nullptr || data != PageAt(b, group, page)) return page / kSpanPages;
  }
  return most;
}

}  // namespace

void BlockList::Clear() {
  blocks.clear();
  for (OfGroup& group : groups_) group.runs.clear();
}

void BlockList::FindShared(std::span<const SequenceState* const> states,
                           std::span<const uint32_t> first_positions) {
  if (blocks.size() < 2) return;
  groups_.resize(states[0]->groups());
  for (size_t group = 0; group < groups_.size(); ++group)
    FindInGroup(group, states, first_positions, groups_[group]);
}

void BlockList::FindInGroup(size_t group, std::span<const SequenceState* const> states,
                            std::span<const uint32_t> first_positions, OfGroup& out) const {
  const auto state = [&](uint32_t block) -> const SequenceState& {
    return *states[blocks[block].sequence];
  };
  const auto first_page = [&](uint32_t block) { return PageAt(state(block), group, 0); };
  out.runs.clear();
  out.order.clear();
  out.run_of.assign(blocks.size(), kNoRun);
  for (uint32_t block = 0; block < blocks.size(); ++block) {
    const bool small = blocks[block].end - blocks[block].begin <= kMaxSharingColumns;
    if (small && first_positions[block] >= kSpanTokens && first_page(block) != nullptr)
      out.order.push_back(block);
  }
  std::ranges::stable_sort(out.order, std::less<>(), first_page);
  const auto size = static_cast<uint32_t>(out.order.size());
  for (uint32_t begin = 0, end = 0; begin < size; begin = end) {
    const uint32_t leader = out.order[begin];
    uint32_t spans = first_positions[leader] / kSpanTokens;
    for (end = begin + 1; end < size && first_page(out.order[end]) == first_page(leader); ++end) {
      const uint32_t member = out.order[end];
      spans = std::min(spans, first_positions[member] / kSpanTokens);
      spans = CommonSpans(state(leader), state(member), group, spans);
    }
    if (end - begin < 2 || spans == 0) continue;
    for (uint32_t i = begin; i < end; ++i)
      out.run_of[out.order[i]] = static_cast<uint32_t>(out.runs.size());
    out.runs.push_back({begin, end, spans});
  }
}

SharedPages BlockList::shared(size_t group) const {
  if (group >= groups_.size() || groups_[group].runs.empty()) return {};
  const OfGroup& of = groups_[group];
  return {of.runs, of.order, of.run_of};
}

}  // namespace ledge
