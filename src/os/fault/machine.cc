#include "os/fault/machine.h"

#include "os/path.h"

namespace ledge::fault {
namespace {

class FaultLock final : public FileLock {
 public:
  FaultLock(std::shared_ptr<FaultOs::Machine> machine, uint64_t inode, bool exclusive)
      : machine_(std::move(machine)),
        epoch_(machine_->epoch),
        inode_(inode),
        exclusive_(exclusive) {}
  ~FaultLock() override {
    const std::lock_guard guard(machine_->mutex);
    if (machine_->epoch != epoch_) return;
    LockState& state = machine_->locks[inode_];
    if (exclusive_) {
      state.exclusive = false;
    } else {
      --state.shared;
    }
  }

 private:
  const std::shared_ptr<FaultOs::Machine> machine_;
  const uint64_t epoch_;
  const uint64_t inode_;
  const bool exclusive_;
};

Error NotThere(std::string_view verb, const std::string& path) {
  return MakeError(Code::kNotFound, "cannot {} '{}': no such file or folder; check the path", verb,
                   path);
}

}  // namespace

std::string Describe(const Operation& operation) {
  constexpr std::string_view kNames[] = {"make",   "make folder", "write",      "sync",
                                         "rename", "remove",      "sync folder"};
  return fmt::format("{} {} ({} bytes)", kNames[static_cast<size_t>(operation.kind)],
                     operation.path, operation.bytes);
}

FaultOs::Machine::Machine(const Machine& other)
    : disk(other.disk),
      clock_ns(other.clock_ns),
      entropy(other.entropy),
      capacity(other.capacity),
      total_memory(other.total_memory),
      available_memory(other.available_memory) {}

Error FaultOs::Machine::Injected(const Operation& operation) const {
  return MakeError(plan.fail_code, "operation {} was made to fail: {}", operation_count - 1,
                   Describe(operation));
}

Result<void> FaultOs::Machine::Alive(uint64_t handle_epoch) const {
  if (on && handle_epoch == epoch) return {};
  return MakeError(Code::kIo, "the power is off");
}

Result<void> FaultOs::Machine::Mutate(Operation operation,
                                      const std::function<Result<void>()>& apply,
                                      const std::function<void(uint64_t)>& apply_part) {
  LEDGE_CHECK_OK(Alive(epoch));
  Tick(std::chrono::microseconds(1));
  const uint64_t n = operation_count++;
  log.push_back(operation);
  const bool later =
      plan.fail_later_too && n > plan.fail_at && operation.kind != Operation::Kind::kRemove;
  if (n == plan.fail_at || later) {
    if (apply_part) apply_part(operation.bytes / kSector / 2);
    return Injected(operation);
  }
  if (n != plan.cut_at) return apply();
  if (plan.cut == Cut::kTorn && apply_part) apply_part(plan.torn_sectors);
  if (plan.cut == Cut::kAfter) (void)apply();
  on = false;
  return Alive(epoch);
}

Result<void> FaultOs::Machine::CountRead(const std::string& path) {
  LEDGE_CHECK_OK(Alive(epoch));
  if (read_count++ != plan.fail_read_at) return {};
  return MakeError(Code::kIo, "read {} was made to fail: '{}'", read_count - 1, path);
}

Result<Disk::InodePtr> FaultOs::Machine::Make(const std::string& path, FileKind kind) {
  Disk::InodePtr made;
  const auto what =
      kind == FileKind::kDirectory ? Operation::Kind::kMakeFolder : Operation::Kind::kMake;
  LEDGE_CHECK_OK(Mutate({what, path, 0}, [&]() -> Result<void> {
    made = disk.Make(path, kind);
    if (made == nullptr) return NotThere("make", path);
    return {};
  }));
  return made;
}

Result<void> FaultOs::Machine::Write(const Disk::InodePtr& inode, const std::string& path,
                                     uint64_t offset, std::span<const std::byte> data) {
  const auto whole = [&]() -> Result<void> {
    const uint64_t end = offset + data.size();
    const uint64_t grown = end > inode->now.size() ? end - inode->now.size() : 0;
    if (disk.BytesUsed() + grown > capacity) {
      return MakeError(Code::kNoSpace, "cannot write to '{}': no space left; free some", path);
    }
    disk.Write(*inode, offset, data);
    return {};
  };
  const auto part = [&](uint64_t sectors) {
    // Sectors lie at fixed places of the file, so the first one may be a short piece of the write.
    const uint64_t kept = sectors == 0 ? 0 : sectors * kSector - offset % kSector;
    disk.Write(*inode, offset, data.first(std::min<uint64_t>(kept, data.size())));
  };
  return Mutate({Operation::Kind::kWrite, path, data.size()}, whole, part);
}

Result<void> FaultOs::Machine::Sync(const Disk::InodePtr& inode, const std::string& path) {
  return Mutate({Operation::Kind::kSync, path, 0}, [&]() -> Result<void> {
    disk.Sync(*inode);
    return {};
  });
}

Result<void> FaultOs::Machine::Rename(const std::string& from, const std::string& to) {
  return Mutate({Operation::Kind::kRename, to, 0}, [&]() -> Result<void> {
    if (disk.Rename(from, to)) return {};
    return NotThere("rename", from);
  });
}

Result<void> FaultOs::Machine::Remove(const std::string& path) {
  if (disk.Find(path) == nullptr) return NotThere("remove", path);
  return Mutate({Operation::Kind::kRemove, path, 0}, [&]() -> Result<void> {
    if (disk.Remove(path)) return {};
    return MakeError(Code::kUnsupported, "cannot remove '{}': it is a folder", path);
  });
}

Result<void> FaultOs::Machine::RemoveTree(const std::string& path) {
  const std::string root = NormalPath(path);
  std::vector<std::string> below;  // a folder before what is in it
  for (const auto& [name, inode] : disk.Everything()) {
    if (name == root || name.starts_with(root + "/")) below.push_back(name);
  }
  if (below.empty()) return NotThere("remove", path);
  for (; !below.empty(); below.pop_back()) {
    LEDGE_CHECK_OK(Mutate({Operation::Kind::kRemove, below.back(), 0}, [&]() -> Result<void> {
      if (disk.Remove(below.back()) || disk.RemoveFolder(below.back())) return {};
      return NotThere("remove", below.back());
    }));
  }
  return {};
}

Result<void> FaultOs::Machine::SyncFolder(const std::string& path) {
  const Disk::InodePtr folder = disk.Find(path);
  if (folder == nullptr || folder->kind != FileKind::kDirectory) return NotThere("sync", path);
  return Mutate({Operation::Kind::kSyncFolder, path, 0}, [&]() -> Result<void> {
    disk.SyncFolder(path);
    return {};
  });
}

Result<std::unique_ptr<FileLock>> FaultOs::Machine::TakeLock(const std::shared_ptr<Machine>& self,
                                                             const Disk::InodePtr& inode,
                                                             const std::string& path,
                                                             bool exclusive) {
  LockState& state = locks[inode->id];
  if (state.exclusive || (exclusive && state.shared > 0)) {
    return MakeError(Code::kExists, "'{}' is locked by another process; wait until it is done",
                     path);
  }
  if (exclusive) {
    state.exclusive = true;
  } else {
    ++state.shared;
  }
  return std::unique_ptr<FileLock>(std::make_unique<FaultLock>(self, inode->id, exclusive));
}

Result<FileStatus> FaultOs::Machine::StatusOf(const Inode& inode) const {
  FileStatus status;
  status.kind = inode.kind;
  status.stamp = {.device = 1,
                  .inode = inode.id,
                  .size = inode.now.size(),
                  .modified_ns = inode.modified_ns,
                  .changed_ns = inode.changed_ns};
  status.allocated_bytes = inode.now.size();
  return status;
}

void FaultOs::Machine::Tick(std::chrono::nanoseconds duration) {
  clock_ns += duration.count();
  disk.SetTime(clock_ns);
}

}  // namespace ledge::fault
