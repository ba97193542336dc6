// What the machine itself can do at most, measured with the threads that compute and in the same
// minutes, so that a model's speed can be shown as a part of it.
#pragma once

#include <memory>
#include <span>

#include "base/thread_pool.h"
#include "kernels/kernels.h"
#include "os/os.h"

namespace ledge {

struct MachineLimits {
  double macs_per_second = 0;          // int8, on registers; 0 where the kernels have no such peak
  double read_bytes_per_second = 0;    // private memory, on huge pages where there are some; or 0
  double weight_bytes_per_second = 0;  // the model's own mapping
};

// Two readings: the best of all measurements, since other programs only make them worse, which says
// what the machine is; and what it gives at a moment, with its neighbours, which is what a speed of
// the same moment is held against.
class LimitMeter {
 public:
  // All must outlive it. Without memory to spare the private read is left out.
  LimitMeter(Os& os, ThreadPool& pool, const Kernels& kernels, std::span<const std::byte> weights);
  // About half a second, more where reading all weights once takes longer.
  void Measure();
  const MachineLimits& limits() const { return limits_; }
  // At this moment, on average over some tens of milliseconds; without the private read. After
  // Measure.
  MachineLimits Now();

 private:
  double ReadOnce(std::span<const std::byte> bytes);
  double BestRead(std::span<const std::byte> bytes);
  double Turns(uint32_t turns);
  double Peak();

  Os& os_;
  ThreadPool& pool_;
  const Kernels& kernels_;
  std::span<const std::byte> weights_;
  std::unique_ptr<Mapping> memory_;
  MachineLimits limits_;
};

MachineLimits Mean(const MachineLimits& a, const MachineLimits& b);

// The clock of the core that this runs on, in Hz, from how long a chain of additions takes; 0 on
// processors that it is not written for. A tenth of a millisecond.
double MeasureClock(Os& os);

}  // namespace ledge
