// How fast the matrix kernels are on this machine, on one thread:
//
//   kernels_bench [isa [type [columns]]]
//
// For each type and number of columns: billions of multiply-adds a second with weights that stay in
// the second-level cache, with their share of the measured int8 peak; and with weights that come
// from memory, with the bytes read a second as a share of the measured read bandwidth. Best of
// several short runs, as other programs disturb single ones.
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/random_weights.h"

namespace ledge {
namespace {

constexpr uint32_t kCols = 4096;
constexpr uint64_t kCacheBytes = 256 * 1024;
constexpr uint64_t kMemoryBytes = 192ull << 20;
// Memory is gone through in slices, each timed alone; the best one counts. None is still in a cache
// when its turn comes again.
constexpr uint64_t kSliceBytes = 4ull << 20;

// Of this thread's own running time, so that programs which take turns with it do not count.
double Seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// The shortest of several runs of `f`, each of at least `at_least` seconds; per call.
template <typename F>
double Best(double at_least, int runs, F&& f) {
  double best = 1e9;
  for (int run = 0; run < runs; ++run) {
    const double begin = Seconds();
    int calls = 0;
    double now = begin;
    do {
      f();
      ++calls;
      now = Seconds();
    } while (now - begin < at_least);
    best = std::min(best, (now - begin) / calls);
  }
  return best;
}

// Memory on huge pages where the system gives them.
std::byte* Map(uint64_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) std::exit(1);
  madvise(at, bytes, MADV_HUGEPAGE);
  std::memset(at, 1, bytes);
  return static_cast<std::byte*>(at);
}

// Multiply-adds a second; 0 for a reference.
double Peak(const Kernels& kernels) {
  constexpr uint32_t kTurns = 20000;
  uint64_t macs = 0;
  const double seconds = Best(0.005, 20, [&] { macs = kernels.peak_turns(kTurns); });
  return static_cast<double>(macs) / seconds;
}

double ReadBandwidth(const std::byte* data, uint64_t bytes) {
  typedef uint64_t Vector __attribute__((vector_size(64)));
  const auto* words = reinterpret_cast<const Vector*>(data);
  uint64_t at = 0;
  const double seconds = Best(0.0, static_cast<int>(2 * bytes / kSliceBytes), [&] {
    Vector a{}, b{}, c{}, d{};
    for (const uint64_t end = at + kSliceBytes / 64; at < end; at += 4) {
      a += words[at], b += words[at + 1], c += words[at + 2], d += words[at + 3];
    }
    a += b + c + d;
    asm volatile("" ::"m"(a));
    if (at >= bytes / 64) at = 0;
  });
  return static_cast<double>(kSliceBytes) / seconds;
}

// `bytes` of panels, the same few over and over.
PanelMatrix Fill(TensorType type, std::byte* data, uint64_t bytes) {
  const Weights sample = RandomWeights(type, 32, kCols, 1);
  const uint64_t panel_bytes = PanelBytes(type, kCols);
  const uint64_t panels = bytes / panel_bytes & ~uint64_t{1};
  for (uint64_t p = 0; p < panels; ++p) {
    std::memcpy(data + p * panel_bytes, sample.panels.data() + p % 2 * panel_bytes, panel_bytes);
  }
  return {type, static_cast<uint32_t>(panels * kPanelRows), kCols, data};
}

void Measure(const Kernels& kernels, TensorType type, uint32_t only_columns, std::byte* memory,
             double peak, double bandwidth) {
  std::vector<uint32_t> counts = {1, 2, 3, 4, 5, 6, 7, 8, 16, 128};
  if (only_columns != 0) counts = {only_columns};
  for (const uint32_t columns : counts) {
    std::vector<float> x(size_t{columns} * kCols, 0.5f);
    AlignedArray<ActGroup> groups(size_t{columns} * ActGroups(kCols));
    for (uint32_t m = 0; m < columns; ++m) {
      kernels.quantize(x.data() + size_t{m} * kCols, kCols, &groups[size_t{m} * ActGroups(kCols)]);
    }
    const Activations activations{x.data(), kCols, groups.data()};
    std::vector<float> y;

    const auto rate = [&](uint64_t bytes, uint64_t slice_bytes, double at_least, int runs) {
      const PanelMatrix w = Fill(type, memory, bytes);
      y.resize(size_t{columns} * w.rows);
      const uint32_t panels =
          static_cast<uint32_t>(std::min(bytes, slice_bytes) / w.panel_bytes()) & ~1u;
      uint32_t panel = 0;
      const double seconds = Best(at_least, runs, [&] {
        kernels.matmul({w, panel, panel + panels, activations, columns, y.data(), w.rows});
        panel += panels;
        if (panel + panels > PanelCount(w.rows)) panel = 0;
      });
      return static_cast<double>(panels) * kPanelRows / seconds;  // rows a second
    };
    const double macs_a_row = static_cast<double>(kCols) * columns;
    const double bytes_a_row = static_cast<double>(PanelBytes(type, kCols)) / kPanelRows;
    const double cached = rate(kCacheBytes, kCacheBytes, 0.002, 30);
    const double rows = rate(kMemoryBytes, kSliceBytes, 0.0, columns <= 16 ? 100 : 10);
    fmt::print(
        "{:10} {:5} M={:<4} L2 {:6.1f} GMAC/s {:5.1f}%   memory {:6.1f} GMAC/s {:5.1f} GB/s "
        "{:5.1f}%\n",
        kernels.name, Info(type).name, columns, cached * macs_a_row / 1e9,
        100 * cached * macs_a_row / peak, rows * macs_a_row / 1e9, rows * bytes_a_row / 1e9,
        100 * rows * bytes_a_row / bandwidth);
  }
}

int Main(int argc, char** argv) {
  const std::string_view isa = argc > 1 && argv[1][0] != 0 ? argv[1] : BestKernels().name;
  const std::string_view type = argc > 2 ? argv[2] : "";
  const auto columns = static_cast<uint32_t>(argc > 3 ? std::atoi(argv[3]) : 0);
  std::byte* memory = Map(kMemoryBytes);
  for (const Kernels* kernels : RunnableKernels()) {
    if (kernels->name != isa) continue;
    const double peak = Peak(*kernels);
    const double bandwidth = ReadBandwidth(memory, kMemoryBytes);
    fmt::print("{} int8 peak {:.1f} GMAC/s, read bandwidth {:.1f} GB/s\n", isa, peak / 1e9,
               bandwidth / 1e9);
    for (const TensorType each : kPanelTypes) {
      if (type.empty() || Info(each).name == type)
        Measure(*kernels, each, columns, memory, peak, bandwidth);
    }
    return 0;
  }
  fmt::print(stderr, "this CPU does not run '{}'\n", isa);
  return 2;
}

}  // namespace
}  // namespace ledge

int main(int argc, char** argv) { return ledge::Main(argc, argv); }
