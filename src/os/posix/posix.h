// What the files of os/posix share. Nobody outside this folder includes it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "os/os.h"
#include "os/path.h"

namespace ledge::posix {

// Linux moves at most 0x7ffff000 bytes a call; a round number below it keeps offsets aligned.
inline constexpr size_t kMaxTransfer = 1 << 30;

// A file descriptor, closed by the destructor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { Close(); }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }
  void Close();

 private:
  int fd_ = -1;
};

// "cannot <verb> '<path>': <the system's reason>", with the code that fits `err`.
Error SystemError(int err, std::string_view verb, std::string_view path);

// open(2) with O_CLOEXEC, EINTR retried; refuses paths with a NUL byte. `mode` for O_CREAT.
Result<Fd> OpenFd(const std::string& path, int flags, std::string_view verb, unsigned mode = 0644);
Result<void> WriteAllAt(int fd, const std::string& path, uint64_t offset,
                        std::span<const std::byte> data);
Result<void> SyncFd(int fd, const std::string& path);
Result<FileStatus> StatusOfFd(int fd, const std::string& path);
// A small text file of /proc or /sys, at most 1 MiB of it; empty if it cannot be read.
std::string ReadSmallFile(const std::string& path);

// One a concept; the methods of Os are these.
Result<std::unique_ptr<File>> OpenFile(const std::string& path, bool any_kind);
Result<std::unique_ptr<File>> OpenFileForUpdate(const std::string& path);
Result<std::unique_ptr<PendingFile>> CreatePending(const std::string& path);
Result<std::unique_ptr<Mapping>> MapFd(int fd, const std::string& path);
Result<std::unique_ptr<Mapping>> MapAnonymousMemory(uint64_t bytes);
Result<std::unique_ptr<FileLock>> LockFile(const std::string& path, bool exclusive);

Result<void> RenamePath(const std::string& from, const std::string& to);
Result<void> RemovePath(const std::string& path);
Result<void> RemoveTreePath(const std::string& path);
Result<void> SyncFolderPath(const std::string& path);
Result<void> MakeFolderPath(const std::string& path);
Result<std::vector<std::string>> ListFolder(const std::string& path);
Result<FileStatus> StatusOfPath(const std::string& path);
Result<uint64_t> FreeBytesAt(const std::string& path);
Result<void> FillWithEntropy(std::span<std::byte> out);

}  // namespace ledge::posix
