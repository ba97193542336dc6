#include <algorithm>
#include <utility>

#include "os/fault/machine.h"
#include "os/path.h"

namespace ledge::fault {
namespace {

using MachinePtr = std::shared_ptr<FaultOs::Machine>;

class FaultMapping final : public Mapping {
 public:
  FaultMapping(std::vector<std::byte> bytes, bool writable)
      : bytes_(std::move(bytes)), writable_(writable) {}
  std::span<const std::byte> bytes() const override { return bytes_; }
  std::span<std::byte> writable() override {
    return writable_ ? std::span<std::byte>(bytes_) : std::span<std::byte>();
  }
  bool damaged() const override { return false; }
  void Advise(uint64_t, uint64_t, Advice) override {}

 private:
  std::vector<std::byte> bytes_;
  const bool writable_;
};

class FaultFile final : public File {
 public:
  FaultFile(MachinePtr machine, Disk::InodePtr inode, std::string path, bool writable)
      : machine_(std::move(machine)),
        epoch_(machine_->epoch),
        inode_(std::move(inode)),
        path_(std::move(path)),
        writable_(writable) {}

  Result<void> ReadAt(uint64_t offset, std::span<std::byte> out) override {
    const std::lock_guard guard(machine_->mutex);
    LEDGE_CHECK_OK(BeginRead());
    const uint64_t size = inode_->now.size();
    if (offset > size || out.size() > size - offset) {
      return MakeError(Code::kMalformed, "'{}' ended at byte {}; {} more were expected there",
                       path_, size, out.size() - (size - std::min(offset, size)));
    }
    Copy(offset, out);
    return {};
  }

  Result<size_t> Read(std::span<std::byte> out) override {
    const std::lock_guard guard(machine_->mutex);
    LEDGE_CHECK_OK(BeginRead());
    const uint64_t left = inode_->now.size() - std::min<uint64_t>(position_, inode_->now.size());
    const size_t count = std::min<size_t>(out.size(), left);
    Copy(position_, out.first(count));
    position_ += count;
    return count;
  }

  Result<void> WriteAt(uint64_t offset, std::span<const std::byte> data) override {
    const std::lock_guard guard(machine_->mutex);
    LEDGE_CHECK_OK(machine_->Alive(epoch_));
    if (!writable_) return MakeError(Code::kIo, "'{}' is open for reading only", path_);
    return machine_->Write(inode_, path_, offset, data);
  }

  Result<void> Sync() override {
    const std::lock_guard guard(machine_->mutex);
    LEDGE_CHECK_OK(machine_->Alive(epoch_));
    return machine_->Sync(inode_, path_);
  }

  Result<FileStatus> Status() override {
    const std::lock_guard guard(machine_->mutex);
    LEDGE_CHECK_OK(BeginRead());
    return machine_->StatusOf(*inode_);
  }

  Result<std::unique_ptr<Mapping>> Map() override {
    const std::lock_guard guard(machine_->mutex);
    LEDGE_CHECK_OK(BeginRead());
    return NewMapping(inode_->now, false);
  }

 private:
  Result<void> BeginRead() {
    LEDGE_CHECK_OK(machine_->Alive(epoch_));
    return machine_->CountRead(path_);
  }
  void Copy(uint64_t offset, std::span<std::byte> out) const {
    std::copy_n(inode_->now.begin() + static_cast<ptrdiff_t>(offset), out.size(), out.begin());
  }

  const MachinePtr machine_;
  const uint64_t epoch_;
  const Disk::InodePtr inode_;
  const std::string path_;
  const bool writable_;
  uint64_t position_ = 0;
};

class FaultPendingFile final : public PendingFile {
 public:
  FaultPendingFile(MachinePtr machine, Disk::InodePtr inode, std::string temporary,
                   std::string path, std::unique_ptr<FileLock> lock)
      : machine_(std::move(machine)),
        epoch_(machine_->epoch),
        inode_(std::move(inode)),
        temporary_(std::move(temporary)),
        path_(std::move(path)),
        lock_(std::move(lock)) {}

  ~FaultPendingFile() override {
    const std::lock_guard guard(machine_->mutex);
    Drop();
  }

  Result<void> WriteAt(uint64_t offset, std::span<const std::byte> data) override {
    const std::lock_guard guard(machine_->mutex);
    LEDGE_CHECK_OK(StillPending());
    return machine_->Write(inode_, temporary_, offset, data);
  }

  Result<void> Commit() override { return CommitAs(path_); }

  Result<void> CommitAs(const std::string& path) override {
    auto result = SyncAndRename(path);
    lock_.reset();
    if (!result.ok()) return result;
    const std::lock_guard guard(machine_->mutex);
    return machine_->SyncFolder(ParentFolder(path));
  }

 private:
  Result<void> StillPending() const {
    LEDGE_CHECK_OK(machine_->Alive(epoch_));
    if (!temporary_.empty()) return {};
    return MakeError(Code::kInternal, "'{}' was committed or dropped before", path_);
  }

  Result<void> SyncAndRename(const std::string& path) {
    const std::lock_guard guard(machine_->mutex);
    LEDGE_CHECK_OK(StillPending());
    auto result = machine_->Sync(inode_, path);
    if (result.ok()) result = machine_->Rename(temporary_, path);
    if (!result.ok()) Drop();
    temporary_.clear();
    return result;
  }

  void Drop() {
    if (!temporary_.empty() && machine_->Alive(epoch_).ok()) (void)machine_->Remove(temporary_);
    temporary_.clear();
  }

  const MachinePtr machine_;
  const uint64_t epoch_;
  const Disk::InodePtr inode_;
  std::string temporary_;  // empty once committed or dropped
  const std::string path_;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace

std::unique_ptr<File> NewFile(MachinePtr machine, Disk::InodePtr inode, std::string path,
                              bool writable) {
  return std::make_unique<FaultFile>(std::move(machine), std::move(inode), std::move(path),
                                     writable);
}

std::unique_ptr<Mapping> NewMapping(std::vector<std::byte> bytes, bool writable) {
  return std::make_unique<FaultMapping>(std::move(bytes), writable);
}

std::unique_ptr<PendingFile> NewPendingFile(MachinePtr machine, Disk::InodePtr inode,
                                            std::string temporary, std::string path,
                                            std::unique_ptr<FileLock> lock) {
  return std::make_unique<FaultPendingFile>(std::move(machine), std::move(inode),
                                            std::move(temporary), std::move(path), std::move(lock));
}

}  // namespace ledge::fault
