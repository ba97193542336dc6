#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "os/posix/posix.h"

namespace ledge::posix {
namespace {

// NAME_MAX is 255; the dots, the random part and the suffix take 29.
constexpr size_t kMaxStem = 200;
constexpr int kMaxAttempts = 100;

class PosixPendingFile final : public PendingFile {
 public:
  PosixPendingFile(Fd fd, std::string temporary, std::string path)
      : fd_(std::move(fd)), temporary_(std::move(temporary)), path_(std::move(path)) {}
  ~PosixPendingFile() override { Drop(); }

  Result<void> WriteAt(uint64_t offset, std::span<const std::byte> data) override {
    LEDGE_CHECK_OK(StillPending());
    return WriteAllAt(fd_.get(), path_, offset, data);
  }

  Result<void> Commit() override { return CommitAs(path_); }

  Result<void> CommitAs(const std::string& path) override {
    LEDGE_CHECK_OK(StillPending());
    auto result = SyncAndRename(path);
    if (!result.ok()) {
      Drop();
      return result;
    }
    temporary_.clear();
    fd_.Close();
    return SyncFolderPath(ParentFolder(path));
  }

 private:
  Result<void> StillPending() const {
    if (!temporary_.empty()) return {};
    return MakeError(Code::kInternal, "'{}' was committed or dropped before",
                     PrintableLine(path_, 400));
  }

  Result<void> SyncAndRename(const std::string& path) {
    LEDGE_CHECK_OK(SyncFd(fd_.get(), path));
    return RenamePath(temporary_, path);
  }

  void Drop() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    temporary_.clear();
    fd_.Close();
  }

  Fd fd_;
  std::string temporary_;  // empty once committed or dropped
  const std::string path_;
};

Result<std::string> TemporaryPath(const std::string& path) {
  std::array<std::byte, 8> random = {};
  LEDGE_CHECK_OK(FillWithEntropy(random));
  std::string name = "." + BaseName(path).substr(0, kMaxStem) + ".";
  for (const std::byte byte : random) name += fmt::format("{:02x}", std::to_integer<int>(byte));
  return ParentFolder(path) + "/" + name + std::string(kTemporarySuffix);
}

// Whether the new file, now locked, still has its name: a collector that looked at it between its
// creation and its locking may have taken it for one left behind.
bool StillNamed(int fd) {
  struct stat info = {};
  return ::fstat(fd, &info) == 0 && info.st_nlink > 0;
}

}  // namespace

Result<std::unique_ptr<PendingFile>> CreatePending(const std::string& path) {
  if (BaseName(path).empty()) {
    return MakeError(Code::kUsage, "'{}' names no file to write; give it a name",
                     PrintableLine(path, 400));
  }
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    LEDGE_TRY(std::string temporary, TemporaryPath(path));
    auto fd = OpenFd(temporary, O_RDWR | O_CREAT | O_EXCL, "create");
    if (!fd.ok() && fd.error().code == Code::kExists) continue;
    if (!fd.ok()) return std::move(fd).error();
    int locked = 0;
    do {
      locked = ::flock(fd->get(), LOCK_EX);
    } while (locked != 0 && errno == EINTR);
    if (!StillNamed(fd->get())) continue;
    return std::unique_ptr<PendingFile>(
        std::make_unique<PosixPendingFile>(std::move(*fd), std::move(temporary), path));
  }
  return MakeError(Code::kIo, "cannot create a temporary file beside '{}'; {} attempts failed",
                   PrintableLine(path, 400), kMaxAttempts);
}

}  // namespace ledge::posix
