#include <unistd.h>

#include <thread>

#include "os/os.h"
#include "os/posix/machine.h"
#include "os/posix/posix.h"

namespace ledge {
namespace {

class Posix final : public Os {
 public:
  Result<std::unique_ptr<File>> Open(const std::string& path, bool any_kind) override {
    return posix::OpenFile(path, any_kind);
  }
  Result<std::unique_ptr<File>> OpenForUpdate(const std::string& path) override {
    return posix::OpenFileForUpdate(path);
  }
  Result<std::unique_ptr<Mapping>> Map(const std::string& path) override {
    LEDGE_TRY(const auto file, posix::OpenFile(path, false));
    return file->Map();
  }
  Result<std::unique_ptr<Mapping>> MapAnonymous(uint64_t bytes) override {
    return posix::MapAnonymousMemory(bytes);
  }
  Result<std::unique_ptr<PendingFile>> Create(const std::string& path) override {
    return posix::CreatePending(path);
  }
  Result<void> Rename(const std::string& from, const std::string& to) override {
    return posix::RenamePath(from, to);
  }
  Result<void> Remove(const std::string& path) override { return posix::RemovePath(path); }
  Result<void> RemoveTree(const std::string& path) override { return posix::RemoveTreePath(path); }
  Result<void> SyncFolder(const std::string& path) override { return posix::SyncFolderPath(path); }
  Result<void> MakeFolder(const std::string& path) override { return posix::MakeFolderPath(path); }
  Result<std::vector<std::string>> List(const std::string& path) override {
    return posix::ListFolder(path);
  }
  Result<FileStatus> Status(const std::string& path) override { return posix::StatusOfPath(path); }
  Result<uint64_t> FreeDiskBytes(const std::string& path) override {
    return posix::FreeBytesAt(path);
  }
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path, bool exclusive) override {
    return posix::LockFile(path, exclusive);
  }

  std::chrono::nanoseconds MonotonicNow() override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
  std::chrono::system_clock::time_point WallNow() override {
    return std::chrono::system_clock::now();
  }
  void Sleep(std::chrono::nanoseconds duration) override { std::this_thread::sleep_for(duration); }
  Result<void> Entropy(std::span<std::byte> out) override { return posix::FillWithEntropy(out); }

  uint64_t PageSize() override { return static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)); }
  uint64_t TotalMemory() override { return posix::ReadMemory("").total; }
  uint64_t AvailableMemory() override { return posix::ReadMemory("").available; }
  Resident ResidentMemory() override { return posix::ReadResident(""); }
  CpuTopology Cpus() override {
    return posix::ReadCpuTopology("", posix::AffinityCpus(), posix::ReadCgroupLimits("").cpus);
  }
};

}  // namespace

Os& PosixOs() {
  static Posix& os = *new Posix;  // never destroyed: destructors of other statics may still use it
  return os;
}

}  // namespace ledge
