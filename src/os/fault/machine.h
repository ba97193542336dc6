// The state behind a FaultOs and its handles: disk, locks, counters and the plan of faults.
#pragma once

#include <functional>
#include <limits>
#include <set>

#include "os/fault/fault_os.h"

namespace ledge::fault {

struct LockState {
  int shared = 0;
  bool exclusive = false;
};

class FaultOs::Machine {
 public:
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  struct Plan {
    uint64_t fail_at = kNever;
    bool fail_later_too = false;
    Code fail_code = Code::kIo;
    uint64_t cut_at = kNever;
    Cut cut = Cut::kBefore;
    uint64_t torn_sectors = 1;
    uint64_t fail_read_at = kNever;
  };

  // The methods below are called with `mutex` held.

  // Counts one mutating operation and runs `apply` unless the plan says otherwise. `apply_part`, of
  // writes only, applies the first `n` sectors.
  Result<void> Mutate(Operation operation, const std::function<Result<void>()>& apply,
                      const std::function<void(uint64_t)>& apply_part = nullptr);
  // Counts one reading call.
  Result<void> CountRead(const std::string& path);
  Result<void> Alive(uint64_t handle_epoch) const;

  Result<Disk::InodePtr> Make(const std::string& path, FileKind kind);
  Result<void> Write(const Disk::InodePtr& inode, const std::string& path, uint64_t offset,
                     std::span<const std::byte> data);
  Result<void> Sync(const Disk::InodePtr& inode, const std::string& path);
  Result<void> Rename(const std::string& from, const std::string& to);
  Result<void> Remove(const std::string& path);
  Result<void> RemoveTree(const std::string& path);
  Result<void> SyncFolder(const std::string& path);
  Result<std::unique_ptr<FileLock>> TakeLock(const std::shared_ptr<Machine>& self,
                                             const Disk::InodePtr& inode, const std::string& path,
                                             bool exclusive);
  Result<FileStatus> StatusOf(const Inode& inode) const;
  void Tick(std::chrono::nanoseconds duration);

  std::mutex mutex;
  Disk disk;
  std::map<uint64_t, LockState> locks;  // by inode
  Plan plan;
  bool on = true;
  uint64_t epoch = 0;  // of restarts
  uint64_t operation_count = 0;
  uint64_t read_count = 0;
  std::vector<Operation> log;
  int64_t clock_ns = 1'000'000'000;
  uint64_t entropy = 1;
  uint64_t capacity = uint64_t{1} << 40;
  uint64_t total_memory = uint64_t{8} << 30;
  uint64_t available_memory = uint64_t{4} << 30;

  Machine() = default;
  Machine(const Machine& other);

 private:
  Error Injected(const Operation& operation) const;
};

// Handles; each dies with the epoch in which it was made.
std::unique_ptr<File> NewFile(std::shared_ptr<FaultOs::Machine> machine, Disk::InodePtr inode,
                              std::string path, bool writable);
std::unique_ptr<Mapping> NewMapping(std::vector<std::byte> bytes, bool writable);
std::unique_ptr<PendingFile> NewPendingFile(std::shared_ptr<FaultOs::Machine> machine,
                                            Disk::InodePtr inode, std::string temporary,
                                            std::string path, std::unique_ptr<FileLock> lock);

}  // namespace ledge::fault
