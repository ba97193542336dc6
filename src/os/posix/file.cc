#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "os/posix/posix.h"

namespace ledge::posix {
namespace {

class PosixFile final : public File {
 public:
  PosixFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<void> ReadAt(uint64_t offset, std::span<std::byte> out) override {
    if (offset > uint64_t{INT64_MAX} - out.size()) return SystemError(EFBIG, "read", path_);
    while (!out.empty()) {
      const ssize_t got = ::pread(fd_.get(), out.data(), std::min(out.size(), kMaxTransfer),
                                  static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return SystemError(errno, "read", path_);
      if (got == 0) {
        return MakeError(Code::kMalformed, "'{}' ended at byte {}; {} more were expected there",
                         PrintableLine(path_, 400), offset, out.size());
      }
      offset += static_cast<uint64_t>(got);
      out = out.subspan(static_cast<size_t>(got));
    }
    return {};
  }

  Result<size_t> Read(std::span<std::byte> out) override {
    for (;;) {
      const ssize_t got = ::read(fd_.get(), out.data(), std::min(out.size(), kMaxTransfer));
      if (got >= 0) return static_cast<size_t>(got);
      if (errno != EINTR) return SystemError(errno, "read", path_);
    }
  }

  Result<void> WriteAt(uint64_t offset, std::span<const std::byte> data) override {
    return WriteAllAt(fd_.get(), path_, offset, data);
  }
  Result<void> Sync() override { return SyncFd(fd_.get(), path_); }
  Result<FileStatus> Status() override { return StatusOfFd(fd_.get(), path_); }
  Result<std::unique_ptr<Mapping>> Map() override { return MapFd(fd_.get(), path_); }

 private:
  Fd fd_;
  const std::string path_;
};

Error NotRegular(const std::string& path, FileKind kind) {
  return MakeError(Code::kUnsupported, "'{}' is a {}; a regular file is needed",
                   PrintableLine(path, 400),
                   kind == FileKind::kDirectory ? "folder" : "device, pipe or socket");
}

}  // namespace

Result<std::unique_ptr<File>> OpenFile(const std::string& path, bool any_kind) {
  // O_NONBLOCK so that a named pipe without a writer is refused rather than waited for.
  LEDGE_TRY(Fd fd, OpenFd(path, O_RDONLY | O_NOCTTY | (any_kind ? 0 : O_NONBLOCK), "open"));
  if (!any_kind) {
    LEDGE_TRY(const FileStatus status, StatusOfFd(fd.get(), path));
    if (status.kind != FileKind::kRegular) return NotRegular(path, status.kind);
  }
  return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(fd), path));
}

Result<std::unique_ptr<File>> OpenFileForUpdate(const std::string& path) {
  LEDGE_TRY(Fd fd, OpenFd(path, O_RDWR | O_CREAT | O_NOCTTY | O_NONBLOCK, "write to"));
  LEDGE_TRY(const FileStatus status, StatusOfFd(fd.get(), path));
  if (status.kind != FileKind::kRegular) return NotRegular(path, status.kind);
  return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(fd), path));
}

}  // namespace ledge::posix
