// How much of the files that this process has mapped is in its memory.
#pragma once

#include <cstdint>
#include <utility>

#include "base/result.h"

namespace ledge {

// Any thread may ask.
class MappedBytes {
 public:
  // Opens what tells it: before ConfineProcess, behind which it can still be asked.
  static Result<MappedBytes> Open();
  MappedBytes(MappedBytes&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  MappedBytes& operator=(MappedBytes&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~MappedBytes();

  // Whole pages, the program's own among them; what the system counts a little late. 0 where it
  // doesn't tell.
  uint64_t Get() const;

 private:
  explicit MappedBytes(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace ledge
