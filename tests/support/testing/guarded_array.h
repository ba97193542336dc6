// An array that ends where memory ends: behind it is a page that nobody may touch, so a read or a
// write past the end stops the test, in an optimised build as well.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <span>

namespace ledge::testing {

// `T` needs no constructor; its values are zero at first. The array begins at a multiple of
// `kAlign` bytes, and ends at the page's end where its size is one, too.
template <typename T, size_t kAlign = alignof(T)>
class GuardedArray {
 public:
  explicit GuardedArray(size_t size) : size_(size) {
    const size_t page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    const size_t bytes = size * sizeof(T);
    const size_t room = (bytes + page - 1) / page * page;
    mapped_ = room + page;
    base_ = static_cast<std::byte*>(
        ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ::mprotect(base_ + room, page, PROT_NONE);
    data_ = reinterpret_cast<T*>(base_ + (room - bytes) / kAlign * kAlign);
  }
  explicit GuardedArray(std::span<const T> values) : GuardedArray(values.size()) {
    std::ranges::copy(values, data_);
  }
  ~GuardedArray() { ::munmap(base_, mapped_); }
  GuardedArray(const GuardedArray&) = delete;
  GuardedArray& operator=(const GuardedArray&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  std::span<const T> values() const { return {data_, size_}; }

 private:
  size_t size_;
  size_t mapped_;
  std::byte* base_;
  T* data_;
};

}  // namespace ledge::testing
