// How wide a step should be on this machine: the number of columns up to which more of them cost
// (next to) nothing, because a step waits for its weights to come from memory, and from which on it
// is bound by arithmetic. Measured by `ledge bench --width`, read by whoever makes up steps.
//
// <home>/machine/widths.json, a cache: it may be lost, and what cannot be read counts as not there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "os/os.h"

namespace ledge {

// What the width depends on.
struct WidthKey {
  std::string cpu;           // CpuName()
  std::string instructions;  // Kernels::name
  int threads = 1;
  std::string type;  // of the weights, as SummariseWeights names it: "Q4_0", "Q4_K_M"
  bool operator==(const WidthKey&) const = default;
};

inline constexpr uint32_t kMaxMachineWidth = 512;
// The oldest are forgotten.
inline constexpr size_t kMaxMachineWidths = 64;

class MachineWidths {
 public:
  // `os` must outlive it. Nothing is made before the first Remember.
  MachineWidths(Os& os, std::string home) : os_(&os), home_(std::move(home)) {}

  // Columns, 1..kMaxMachineWidth; nothing where it was never measured.
  std::optional<uint32_t> Find(const WidthKey& key) const;
  // kIo and what writing a file may bring. Two processes at once: one of the two is kept.
  Result<void> Remember(const WidthKey& key, uint32_t width) const;

 private:
  std::string Path() const;

  Os* os_;
  std::string home_;
};

}  // namespace ledge
