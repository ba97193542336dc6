#include "cli/bench/limits.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace ledge {
namespace {

// More than any cache holds, less than a small machine would miss.
constexpr uint64_t kReadBytes = 256ULL << 20;
constexpr uint64_t kSliceBytes = 1ULL << 20;
constexpr auto kReadTime = std::chrono::milliseconds(150);

double SecondsOf(std::chrono::nanoseconds time) {
  return std::max(std::chrono::duration<double>(time).count(), 1e-9);
}

// Adds all up, 64 bytes at a time, four streams side by side.
void Read(std::span<const std::byte> bytes) {
  typedef uint64_t Vector __attribute__((vector_size(64), aligned(8)));
  Vector a{}, b{}, c{}, d{};
  const auto* words = reinterpret_cast<const Vector*>(bytes.data());
  for (const auto* end = words + bytes.size() / 256 * 4; words != end; words += 4) {
    a += words[0], b += words[1], c += words[2], d += words[3];
  }
  a += b + c + d;
  asm volatile("" ::"m"(a));
}

}  // namespace

LimitMeter::LimitMeter(Os& os, ThreadPool& pool, const Kernels& kernels,
                       std::span<const std::byte> weights)
    : os_(os), pool_(pool), kernels_(kernels), weights_(weights) {
  const uint64_t bytes = std::min(kReadBytes, os.AvailableMemory() / 8);
  auto memory = os.MapAnonymous(bytes);
  if (!memory.ok()) return;
  memory_ = std::move(*memory);
  memory_->Advise(0, bytes, Mapping::Advice::kHugePages);
  // Each thread touches first what it will read.
  const std::span<std::byte> all = memory_->writable();
  pool_.Run([&](int thread) {
    const auto threads = static_cast<uint64_t>(pool_.threads());
    const uint64_t begin = all.size() * static_cast<uint64_t>(thread) / threads;
    const uint64_t end = all.size() * static_cast<uint64_t>(thread + 1) / threads;
    std::memset(all.data() + begin, 1, end - begin);
  });
}

double LimitMeter::ReadOnce(std::span<const std::byte> bytes) {
  // A share a thread, as neighbours; whoever is done helps the others.
  const uint64_t slices = (bytes.size() + kSliceBytes - 1) / kSliceBytes;
  std::atomic<uint64_t> next{0};
  const auto begin = os_.MonotonicNow();
  pool_.Run([&](int) {
    for (uint64_t slice; (slice = next.fetch_add(1, std::memory_order_relaxed)) < slices;) {
      const uint64_t at = slice * kSliceBytes;
      Read(bytes.subspan(at, std::min<uint64_t>(kSliceBytes, bytes.size() - at)));
    }
  });
  return static_cast<double>(bytes.size()) / SecondsOf(os_.MonotonicNow() - begin);
}

double LimitMeter::BestRead(std::span<const std::byte> bytes) {
  double best = 0;
  if (bytes.empty()) return best;
  const auto until = os_.MonotonicNow() + kReadTime;
  do {
    best = std::max(best, ReadOnce(bytes));
  } while (os_.MonotonicNow() < until);
  return best;
}

// All threads make so many turns: multiply-adds a second.
double LimitMeter::Turns(uint32_t turns) {
  std::atomic<uint64_t> macs{0};
  const auto begin = os_.MonotonicNow();
  pool_.Run([&](int) { macs += kernels_.peak_turns(turns); });
  return static_cast<double>(macs) / SecondsOf(os_.MonotonicNow() - begin);
}

double LimitMeter::Peak() {
  constexpr uint32_t kTurns = 20000;
  constexpr int kRuns = 300;
  double best = 0;
  for (int run = 0; run < kRuns; ++run) best = std::max(best, Turns(kTurns));
  return best;
}

MachineLimits LimitMeter::Now() {
  constexpr double kSeconds = 0.03;
  MachineLimits now;
  if (limits_.macs_per_second > 0) {
    // As many turns as take that long at the machine's best.
    const double turn = static_cast<double>(kernels_.peak_turns(1)) * pool_.threads();
    now.macs_per_second =
        Turns(static_cast<uint32_t>(kSeconds * limits_.macs_per_second / turn) + 1);
  }
  if (!weights_.empty())
    now.weight_bytes_per_second = ReadOnce(weights_.first(std::min(weights_.size(), kReadBytes)));
  return now;
}

void LimitMeter::Measure() {
  limits_.macs_per_second = std::max(limits_.macs_per_second, Peak());
  limits_.weight_bytes_per_second = std::max(limits_.weight_bytes_per_second, BestRead(weights_));
  if (memory_) {
    limits_.read_bytes_per_second =
        std::max(limits_.read_bytes_per_second, BestRead(memory_->bytes()));
  }
}

MachineLimits Mean(const MachineLimits& a, const MachineLimits& b) {
  return {(a.macs_per_second + b.macs_per_second) / 2,
          (a.read_bytes_per_second + b.read_bytes_per_second) / 2,
          (a.weight_bytes_per_second + b.weight_bytes_per_second) / 2};
}

double MeasureClock(Os& os) {
#if defined(__x86_64__) || defined(__aarch64__)
  // Each exclusive or waits for the one before and takes one cycle on every core in use.
  constexpr int kRuns = 8;
  constexpr int kTurns = 400;
  constexpr int kChain = 100;
  double best = 0;
  uint64_t value = 1;
  const uint64_t other = 2;
  for (int run = 0; run < kRuns; ++run) {
    const auto begin = os.MonotonicNow();
    for (int turn = 0; turn < kTurns; ++turn) {
#if defined(__x86_64__)
      asm volatile(".rept 100\nxor %1, %0\n.endr" : "+r"(value) : "r"(other) : "cc");
#else
      asm volatile(".rept 100\neor %0, %0, %1\n.endr" : "+r"(value) : "r"(other));
#endif
    }
    best = std::max(best, kTurns * kChain / SecondsOf(os.MonotonicNow() - begin));
  }
  return best;
#else
  static_cast<void>(os);
  return 0;
#endif
}

}  // namespace ledge
