#include "worker/expert_limit.h"

#include "kernels/panel.h"

namespace ledge {
namespace {

constexpr std::chrono::milliseconds kLookEvery{10};
// So much less than the limit is left, so that it isn't reached again at once.
constexpr uint64_t kSlackParts = 8;

}  // namespace

ExpertLimit::ExpertLimit(const Model& model, MappedBytes mapped, uint64_t bytes)
    : mapping_(model.packed().mapping()), mapped_(std::move(mapped)) {
  // What is in memory before the first step is the program, mostly.
  most_ = mapped_.Get() + bytes;
  enough_ = most_ - bytes / kSlackParts;
  for (const LayerSpec& layer : model.spec().layers) {
    if (!layer.experts) continue;
    std::vector<Range>& ranges = layers_.emplace_back();
    for (const PanelMatrix* all : {&layer.experts.gate, &layer.experts.up, &layer.experts.down}) {
      ranges.push_back({static_cast<uint64_t>(all->data - mapping_.bytes().data()),
                        all->panel_bytes() * PanelCount(all->rows)});
    }
  }
  thread_ = std::thread(&ExpertLimit::Watch, this);
}

ExpertLimit::~ExpertLimit() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void ExpertLimit::SetBusy(bool busy) {
  {
    const std::lock_guard lock(mutex_);
    if (busy_ == busy) return;
    busy_ = busy;
  }
  changed_.notify_one();
}

void ExpertLimit::Watch() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    changed_.wait(lock, [&] { return busy_ || ended_; });
    lock.unlock();
    Trim();
    lock.lock();
    changed_.wait_for(lock, kLookEvery, [&] { return ended_; });
  }
}

void ExpertLimit::Trim() {
  if (mapped_.Get() <= most_) return;
  for (size_t passed = 0; passed < layers_.size() && mapped_.Get() > enough_; ++passed) {
    for (const Range& range : layers_[next_])
      mapping_.Advise(range.offset, range.bytes, Mapping::Advice::kDontNeed);
    next_ = (next_ + 1) % layers_.size();
  }
}

}  // namespace ledge
