#include "model/sequence_state.h"

#include <algorithm>
#include <utility>

#include "base/checked.h"

namespace ledge {
namespace {

uint32_t PagesFor(uint64_t tokens) { return static_cast<uint32_t>(CeilDiv(tokens, kPageTokens)); }

}  // namespace

SequenceState::SequenceState(std::vector<KvPool*> pools, PagePool* states)
    : pools_(std::move(pools)), tables_(pools_.size()), recurrent_(states) {}

Result<void> SequenceState::Reserve(uint32_t tokens) {
  if (tokens == 0) return {};
  const uint32_t wanted = PagesFor(uint64_t{length_} + tokens);
  // Everything new is collected first, so that a failure in a later group leaves all tables alone.
  struct Fresh {
    PageRef tail;  // in place of a shared partly filled page
    std::vector<PageRef> pages;
  };
  const size_t tail = length_ / kPageTokens;
  const bool partial = length_ % kPageTokens != 0;
  std::vector<Fresh> fresh;
  for (size_t group = 0; group < tables_.size(); ++group) {
    const auto& table = tables_[group];
    const bool copy = partial && table[tail].shared();
    if (!copy && table.size() >= wanted) continue;
    if (fresh.empty()) fresh.resize(tables_.size());
    if (copy) {
      LEDGE_TRY(fresh[group].tail, pools_[group]->Copy(table[tail]));
    }
    for (size_t page = table.size(); page < wanted; ++page) {
      LEDGE_TRY(PageRef added, pools_[group]->Allocate());
      fresh[group].pages.push_back(std::move(added));
    }
  }
  LEDGE_CHECK_OK(recurrent_.Reserve());
  for (size_t group = 0; group < fresh.size(); ++group) {
    if (fresh[group].tail) tables_[group][tail] = std::move(fresh[group].tail);
    for (PageRef& page : fresh[group].pages) tables_[group].push_back(std::move(page));
  }
  return {};
}

uint32_t SequenceState::capacity() const {
  size_t pages = tables_.empty() ? 0 : tables_[0].size();
  for (const auto& table : tables_) pages = std::min(pages, table.size());
  return static_cast<uint32_t>(pages) * kPageTokens;
}

void SequenceState::ShrinkTo(uint32_t tokens) {
  if (tokens <= length_) recurrent_.Release();
  const size_t keep = PagesFor(std::max(tokens, length_));
  for (auto& table : tables_) {
    if (table.size() > keep) table.resize(keep);
  }
}

void SequenceState::Advance(uint32_t tokens) {
  length_ += tokens;
  recurrent_.Commit();
  for (size_t group = 0; group < tables_.size(); ++group) {
    const uint32_t window = pools_[group]->shape().window;
    if (window == 0 || length_ < window) continue;
    // The next token, at position length_, sees from length_ - window + 1 on.
    const size_t gone = (length_ - window + 1) / kPageTokens;
    auto& table = tables_[group];
    for (size_t page = std::min(gone, table.size()); page-- > 0 && table[page];)
      table[page] = PageRef();
  }
}

uint32_t SequenceState::CutPoint(uint32_t length) const {
  length = recurrent_.CutPoint(std::min(length, length_));
  for (size_t group = 0; group < tables_.size(); ++group) {
    const uint32_t window = pools_[group]->shape().window;
    if (window == 0 || length == length_) continue;
    // The next token after a cut would see from here on; if those pages are gone, only the start is
    // left.
    const size_t first = length < window ? 0 : (length - window + 1) / kPageTokens;
    if (length > 0 && first < tables_[group].size() && !tables_[group][first]) return 0;
  }
  return length;
}

void SequenceState::Truncate(uint32_t length) {
  recurrent_.Truncate(length);
  length_ = length;
  ShrinkTo(length);
}

SequenceState SequenceState::Fork(uint32_t length) const {
  SequenceState fork(pools_);
  fork.length_ = length;
  fork.recurrent_ = recurrent_.Fork(length);
  const size_t keep = PagesFor(length);
  for (size_t group = 0; group < tables_.size(); ++group) {
    fork.tables_[group].reserve(keep);
    for (size_t page = 0; page < keep; ++page)
      fork.tables_[group].push_back(tables_[group][page].Share());
  }
  return fork;
}

uint64_t SequenceState::bytes() const {
  uint64_t bytes = recurrent_.bytes();
  for (size_t group = 0; group < tables_.size(); ++group) {
    const auto held = std::count_if(tables_[group].begin(), tables_[group].end(),
                                    [](const PageRef& page) { return static_cast<bool>(page); });
    bytes += static_cast<uint64_t>(held) * pools_[group]->shape().page_bytes();
  }
  return bytes;
}

}  // namespace ledge
