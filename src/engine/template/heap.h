// The account of one render: steps taken and bytes alive. Not thread-safe; one a render.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "engine/template/limits.h"

namespace ledge::jinja {

class Heap {
 public:
  // kUnsupported once kMaxSteps are used up.
  Result<void> Step(uint64_t steps = 1) {
    steps_ += steps;
    if (steps_ <= kMaxSteps) return {};
    return TooManySteps();
  }
  // For work in proportion to a text's length.
  Result<void> StepBytes(uint64_t bytes) { return Step(1 + bytes / kBytesPerStep); }

  // kUnsupported when kMaxLiveBytes would be passed; then nothing was charged.
  Result<void> Charge(uint64_t bytes) {
    if (bytes > kMaxLiveBytes - live_) return TooManyBytes();
    live_ += bytes;
    return {};
  }
  void Release(uint64_t bytes) { live_ -= bytes; }

  uint64_t live() const { return live_; }
  uint64_t steps() const { return steps_; }

 private:
  static Error TooManySteps();
  static Error TooManyBytes();

  uint64_t steps_ = 0;
  uint64_t live_ = 0;
};

}  // namespace ledge::jinja
