#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "os/posix/posix.h"

namespace ledge::posix {
namespace {

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(Fd fd) : fd_(std::move(fd)) {}

 private:
  Fd fd_;  // flock(2) ends with the last descriptor of the open file
};

// False if the file was removed or replaced between being opened and being locked: then the lock
// that we got is not the one that the next process will ask for.
bool IsStillAt(int fd, const std::string& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

Result<std::unique_ptr<FileLock>> LockFile(const std::string& path, bool exclusive) {
  for (;;) {
    LEDGE_TRY(Fd fd, OpenFd(path, O_RDWR | O_CREAT | O_NOCTTY | O_NONBLOCK, "lock"));
    if (::flock(fd.get(), (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK) return SystemError(errno, "lock", path);
      return MakeError(Code::kExists, "'{}' is locked by another process; wait until it is done",
                       PrintableLine(path, 400));
    }
    if (IsStillAt(fd.get(), path)) {
      return std::unique_ptr<FileLock>(std::make_unique<PosixLock>(std::move(fd)));
    }
  }
}

}  // namespace ledge::posix
