#include "model/recurrent_state.h"

#include <algorithm>
#include <utility>

namespace ledge {
namespace {

float* FloatsOf(const PageRef& block) { return reinterpret_cast<float*>(block.data()); }

bool Periodic(uint32_t length) { return length % kCheckpointTokens == 0; }

}  // namespace

Result<void> RecurrentState::Reserve() {
  if (pool_ == nullptr || spare_) return {};
  LEDGE_TRY(spare_, pool_->Allocate(PagePool::Contents::kAny));
  return {};
}

void RecurrentState::Release() {
  spare_ = PageRef();
  targets_.clear();
  fresh_.clear();
}

bool RecurrentState::marked(uint32_t length) const {
  return std::ranges::find(marks_, length) != marks_.end();
}

void RecurrentState::Plan(uint32_t end) {
  targets_.clear();
  fresh_.clear();
  if (pool_ == nullptr) return;
  // Of those at multiples only as many as would be left.
  const uint32_t last = (end - 1) / kCheckpointTokens;
  const uint32_t most = static_cast<uint32_t>(kMaxCheckpoints);
  std::vector<uint32_t> lengths;
  for (uint32_t i = last < most ? 1 : last - most + 1; i <= last; ++i)
    lengths.push_back(i * kCheckpointTokens);
  lengths.insert(lengths.end(), marks_.begin(), marks_.end());
  std::ranges::sort(lengths);
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  for (const uint32_t length : lengths) {
    if (length <= length_ || length >= end) continue;
    auto block = pool_->Allocate(PagePool::Contents::kAny);
    if (!block.ok()) break;  // the sequence can do without
    targets_.push_back({length, FloatsOf(*block)});
    fresh_.push_back({length, *std::move(block)});
  }
  targets_.push_back({end, FloatsOf(spare_)});
}

const float* RecurrentState::current() const { return current_ ? FloatsOf(current_) : nullptr; }

void RecurrentState::Commit() {
  if (targets_.empty()) return;
  for (Checkpoint& checkpoint : fresh_) Keep(checkpoint.length, std::move(checkpoint.block));
  length_ = targets_.back().length;
  std::swap(current_, spare_);
  // What was the state before is the next step's to write, unless somebody else has it.
  if (spare_.shared()) spare_ = PageRef();
  if (Periodic(length_) || marked(length_)) Keep(length_, current_.Share());
  targets_.clear();
  fresh_.clear();
  Thin();
}

void RecurrentState::Keep(uint32_t length, PageRef block) {
  const auto place = std::ranges::lower_bound(checkpoints_, length, {}, &Checkpoint::length);
  if (place != checkpoints_.end() && place->length == length) return;
  checkpoints_.insert(place, {length, std::move(block)});
}

// Drops what lost its mark, and of the others the one whose neighbours are nearest to each other.
void RecurrentState::Thin() {
  std::erase_if(checkpoints_,
                [this](const Checkpoint& c) { return !Periodic(c.length) && !marked(c.length); });
  for (;;) {
    std::vector<uint32_t> lengths;
    for (const Checkpoint& checkpoint : checkpoints_) {
      if (!marked(checkpoint.length)) lengths.push_back(checkpoint.length);
    }
    if (lengths.size() <= kMaxCheckpoints) return;
    uint32_t densest = lengths[0];
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i + 1 < lengths.size(); ++i) {
      const uint32_t gap = lengths[i + 1] - (i == 0 ? 0 : lengths[i - 1]);
      if (gap >= least) continue;
      least = gap;
      densest = lengths[i];
    }
    std::erase_if(checkpoints_, [densest](const Checkpoint& c) { return c.length == densest; });
  }
}

uint32_t RecurrentState::CutPoint(uint32_t length) const {
  if (pool_ == nullptr || length == length_) return length;
  const auto after = std::ranges::upper_bound(checkpoints_, length, {}, &Checkpoint::length);
  return after == checkpoints_.begin() ? 0 : std::prev(after)->length;
}

PageRef RecurrentState::StateAt(uint32_t length) const {
  if (length == length_) return current_.Share();
  const auto found = std::ranges::lower_bound(checkpoints_, length, {}, &Checkpoint::length);
  return found == checkpoints_.end() ? PageRef() : found->block.Share();
}

void RecurrentState::Truncate(uint32_t length) {
  if (pool_ == nullptr) return;
  Release();
  current_ = length == 0 ? PageRef() : StateAt(length);
  length_ = length;
  std::erase_if(checkpoints_, [length](const Checkpoint& c) { return c.length > length; });
}

RecurrentState RecurrentState::Fork(uint32_t length) const {
  RecurrentState fork(pool_);
  if (pool_ == nullptr || length == 0) return fork;
  fork.length_ = length;
  fork.current_ = StateAt(length);
  fork.marks_ = marks_;
  for (const Checkpoint& checkpoint : checkpoints_) {
    if (checkpoint.length <= length)
      fork.checkpoints_.push_back({checkpoint.length, checkpoint.block.Share()});
  }
  return fork;
}

void RecurrentState::Mark(uint32_t length) {
  if (pool_ == nullptr || length == 0 || length < length_ || marked(length)) return;
  if (marks_.size() == kMaxStateMarks) marks_.erase(marks_.begin());
  marks_.push_back(length);
  if (length == length_) Keep(length, current_.Share());
  Thin();
}

bool RecurrentState::DropCheckpoints() {
  if (checkpoints_.empty()) return false;
  checkpoints_.clear();
  return true;
}

uint64_t RecurrentState::bytes() const {
  if (pool_ == nullptr) return 0;
  uint64_t blocks = (current_ ? 1U : 0U) + (spare_ ? 1U : 0U);
  for (const Checkpoint& checkpoint : checkpoints_) {
    // The latest may be the state itself.
    if (!current_ || checkpoint.block.data() != current_.data()) ++blocks;
  }
  return blocks * pool_->page_bytes();
}

}  // namespace ledge
