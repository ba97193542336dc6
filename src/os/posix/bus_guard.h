// Turns the SIGBUS of a mapped file that shrank into zeros and a mark.
//
// One handler for the process, installed at the first Guard. A fault inside a guarded range
// replaces everything from the faulting page to the range's end by zero pages (what lies behind the
// end of a file that was cut is gone as well, and one mapping instead of one a page keeps below
// vm.max_map_count) and marks the range. Any other SIGBUS goes to the action that was in force
// before: a sanitizer's, or the system's. The table is fixed and lock-free, because the handler may
// interrupt anything.
#pragma once

#include <cstddef>

#include "base/result.h"

namespace ledge::posix {

inline constexpr int kMaxGuardedMappings = 1024;

class BusGuard {
 public:
  // `begin` and `size` as mmap gave them, size > 0. kNoMemory if the table is full.
  static Result<BusGuard> Watch(const void* begin, size_t size);
  BusGuard() = default;
  BusGuard(BusGuard&& other) noexcept;
  BusGuard& operator=(BusGuard&&) = delete;
  // Before munmap, or another mapping could get the range.
  ~BusGuard();
  bool damaged() const;

 private:
  explicit BusGuard(int slot) : slot_(slot) {}
  int slot_ = -1;
};

}  // namespace ledge::posix
