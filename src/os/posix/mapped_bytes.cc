#include "os/mapped_bytes.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

#include "os/posix/posix.h"

namespace ledge {

Result<MappedBytes> MappedBytes::Open() {
  LEDGE_TRY(posix::Fd fd, posix::OpenFd("/proc/self/statm", O_RDONLY, "read"));
  return MappedBytes(fd.Release());
}

MappedBytes::~MappedBytes() {
  if (fd_ >= 0) close(fd_);
}

// Pages: in all, in memory, and of these the files'. Source: proc(5), /proc/pid/statm.
uint64_t MappedBytes::Get() const {
  char bytes[256];
  const ssize_t read = pread(fd_, bytes, sizeof(bytes), 0);
  std::string_view text(bytes, read > 0 ? static_cast<size_t>(read) : 0);
  for (int passed = 0; passed < 2; ++passed) {
    const size_t space = text.find(' ');
    if (space == text.npos) return 0;
    text.remove_prefix(space + 1);
  }
  uint64_t pages = 0;
  std::from_chars(text.data(), text.data() + text.size(), pages);
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace ledge
