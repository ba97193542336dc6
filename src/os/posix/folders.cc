#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "os/posix/posix.h"

namespace ledge::posix {
namespace {

constexpr size_t kMaxFolderEntries = 1'000'000;

struct FolderCloser {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

bool IsFolder(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

Result<void> RenamePath(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  return SystemError(errno, "write to", to);
}

Result<void> RemovePath(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return {};
  return SystemError(errno, "remove", path);
}

Result<void> RemoveTreePath(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::remove_all(path, failed) == 0 && !failed)
    failed = {ENOENT, std::system_category()};
  if (!failed) return {};
  return SystemError(failed.value(), "remove", path);
}

Result<void> SyncFolderPath(const std::string& path) {
  LEDGE_TRY(const Fd fd, OpenFd(path, O_RDONLY | O_DIRECTORY, "sync"));
  return SyncFd(fd.get(), path);
}

Result<void> MakeFolderPath(const std::string& path) {
  if (IsFolder(path)) {
    // A process that died between making it and syncing its parent may have made it. Where the
    // parent cannot be opened, it was not made by ledge.
    (void)SyncFolderPath(ParentFolder(path));
    return {};
  }
  const std::string parent = ParentFolder(path);
  if (parent != path && !IsFolder(parent)) LEDGE_CHECK_OK(MakeFolderPath(parent));
  if (::mkdir(path.c_str(), 0755) != 0) {
    const int err = errno;
    if (err != EEXIST || !IsFolder(path)) return SystemError(err, "make the folder", path);
  }
  return SyncFolderPath(parent);
}

Result<std::vector<std::string>> ListFolder(const std::string& path) {
  const std::unique_ptr<DIR, FolderCloser> folder(::opendir(path.c_str()));
  if (folder == nullptr) return SystemError(errno, "list", path);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr && errno != 0) return SystemError(errno, "list", path);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == kMaxFolderEntries) {
      return MakeError(Code::kUnsupported, "'{}' holds more than {} files; ledge lists no more",
                       PrintableLine(path, 400), kMaxFolderEntries);
    }
    names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<FileStatus> StatusOfPath(const std::string& path) {
  // O_PATH needs no right to read and opens pipes and devices without touching them.
  LEDGE_TRY(const Fd fd, OpenFd(path, O_PATH, "look at"));
  return StatusOfFd(fd.get(), path);
}

Result<uint64_t> FreeBytesAt(const std::string& path) {
  std::string at = path;
  for (;;) {
    struct statvfs info = {};
    if (::statvfs(at.c_str(), &info) == 0) return uint64_t{info.f_bavail} * info.f_frsize;
    const int err = errno;
    if (err == EINTR) continue;
    std::string parent = ParentFolder(at);
    if (err != ENOENT || parent == at) return SystemError(err, "measure the disk of", path);
    at = std::move(parent);
  }
}

Result<void> FillWithEntropy(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(errno, "read random bytes from", "the kernel");
    out = out.subspan(static_cast<size_t>(got));
  }
  return {};
}

}  // namespace ledge::posix
