#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "os/posix/posix.h"

namespace ledge::posix {
namespace {

constexpr size_t kMaxSmallFile = 1 << 20;
constexpr size_t kMaxPathInMessage = 400;

Code CodeOf(int err) {
  switch (err) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return Code::kNotFound;
    case EEXIST:
      return Code::kExists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Code::kNoSpace;
    case ENOMEM:
      return Code::kNoMemory;
    case EISDIR:
    case ENXIO:
    case ENODEV:
      return Code::kUnsupported;
    default:
      return Code::kIo;
  }
}

std::string_view Remedy(int err) {
  switch (err) {
    case ENOENT:
    case ENOTDIR:
      return "; check the path";
    case EACCES:
    case EPERM:
      return "; the user that runs ledge needs the right to do so";
    case EROFS:
      return "; it must be on a file system that can be written";
    case ENOSPC:
    case EDQUOT:
      return "; free some space or choose another folder";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files (ulimit -n)";
    default:
      return "";
  }
}

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + int64_t{time.tv_nsec};
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Fd::Close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Error SystemError(int err, std::string_view verb, std::string_view path) {
  return MakeError(CodeOf(err), "cannot {} '{}': {}{}", verb,
                   PrintableLine(path, kMaxPathInMessage), std::system_category().message(err),
                   Remedy(err));
}

Result<Fd> OpenFd(const std::string& path, int flags, std::string_view verb, unsigned mode) {
  if (path.empty() || path.find('\0') != std::string::npos) {
    return MakeError(Code::kNotFound, "cannot {} '{}': no file can have this name; check the path",
                     verb, PrintableLine(path, kMaxPathInMessage));
  }
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return SystemError(errno, verb, path);
  return Fd(fd);
}

Result<void> WriteAllAt(int fd, const std::string& path, uint64_t offset,
                        std::span<const std::byte> data) {
  if (offset > uint64_t{INT64_MAX} - data.size()) return SystemError(EFBIG, "write to", path);
  while (!data.empty()) {
    const ssize_t wrote =
        ::pwrite(fd, data.data(), std::min(data.size(), kMaxTransfer), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return SystemError(errno, "write to", path);
    if (wrote == 0) return SystemError(EIO, "write to", path);
    offset += static_cast<uint64_t>(wrote);
    data = data.subspan(static_cast<size_t>(wrote));
  }
  return {};
}

Result<void> SyncFd(int fd, const std::string& path) {
  int status = 0;
  do {
    status = ::fsync(fd);
  } while (status < 0 && errno == EINTR);
  // EINVAL and EROFS: a special file or a file system on which nothing needs to be or can be
  // synced.
  if (status < 0 && errno != EINVAL && errno != EROFS) return SystemError(errno, "sync", path);
  return {};
}

Result<FileStatus> StatusOfFd(int fd, const std::string& path) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0) return SystemError(errno, "look at", path);
  FileStatus status;
  status.kind = S_ISREG(info.st_mode)   ? FileKind::kRegular
                : S_ISDIR(info.st_mode) ? FileKind::kDirectory
                                        : FileKind::kOther;
  status.stamp.device = info.st_dev;
  status.stamp.inode = info.st_ino;
  status.stamp.size = static_cast<uint64_t>(std::max<off_t>(info.st_size, 0));
  status.stamp.modified_ns = Nanoseconds(info.st_mtim);
  status.stamp.changed_ns = Nanoseconds(info.st_ctim);
  status.allocated_bytes = static_cast<uint64_t>(info.st_blocks) * 512;
  return status;
}

std::string ReadSmallFile(const std::string& path) {
  auto fd = OpenFd(path, O_RDONLY | O_NONBLOCK, "open");
  std::string text;
  if (!fd.ok()) return text;
  char chunk[4096];
  while (text.size() < kMaxSmallFile) {
    const ssize_t count = ::read(fd->get(), chunk, sizeof chunk);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(chunk, static_cast<size_t>(count));
  }
  return text;
}

}  // namespace ledge::posix
