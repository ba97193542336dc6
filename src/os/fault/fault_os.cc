#include "os/fault/fault_os.h"

#include <utility>

#include "os/fault/machine.h"
#include "os/path.h"

namespace ledge::fault {
namespace {

Error NotThere(const std::string& path) {
  return MakeError(Code::kNotFound, "cannot open '{}': no such file or folder; check the path",
                   path);
}

Error NotRegular(const std::string& path) {
  return MakeError(Code::kUnsupported, "'{}' is a folder or device; a regular file is needed",
                   path);
}

}  // namespace

FaultOs::FaultOs() : machine_(std::make_shared<Machine>()) {}
FaultOs::FaultOs(std::shared_ptr<Machine> machine) : machine_(std::move(machine)) {}
FaultOs::~FaultOs() = default;

std::unique_ptr<FaultOs> FaultOs::Clone() const {
  const std::lock_guard guard(machine_->mutex);
  return std::unique_ptr<FaultOs>(new FaultOs(std::make_shared<Machine>(*machine_)));
}

void FaultOs::FailOperation(uint64_t n, Code code) {
  const std::lock_guard guard(machine_->mutex);
  machine_->plan.fail_at = n;
  machine_->plan.fail_code = code;
  machine_->plan.fail_later_too = false;
}

void FaultOs::FailFrom(uint64_t n, Code code) {
  FailOperation(n, code);
  const std::lock_guard guard(machine_->mutex);
  machine_->plan.fail_later_too = true;
}

void FaultOs::CutPower(uint64_t n, Cut cut, uint64_t torn_sectors) {
  const std::lock_guard guard(machine_->mutex);
  machine_->plan.cut_at = n;
  machine_->plan.cut = cut;
  machine_->plan.torn_sectors = torn_sectors;
}

void FaultOs::FailRead(uint64_t n) {
  const std::lock_guard guard(machine_->mutex);
  machine_->plan.fail_read_at = n;
}

void FaultOs::SetCapacity(uint64_t bytes) {
  const std::lock_guard guard(machine_->mutex);
  machine_->capacity = bytes;
}

void FaultOs::SetMemory(uint64_t total, uint64_t available) {
  const std::lock_guard guard(machine_->mutex);
  machine_->total_memory = total;
  machine_->available_memory = available;
}

void FaultOs::Advance(std::chrono::nanoseconds duration) {
  const std::lock_guard guard(machine_->mutex);
  machine_->Tick(duration);
}

void FaultOs::ResetCounters() {
  const std::lock_guard guard(machine_->mutex);
  machine_->plan = {};
  machine_->operation_count = 0;
  machine_->read_count = 0;
  machine_->log.clear();
}

void FaultOs::Restart(Survival survival, uint64_t seed) {
  {
    const std::lock_guard guard(machine_->mutex);
    machine_->disk.Restart(survival, seed);
  }
  KillProcess();
}

void FaultOs::KillProcess() {
  {
    const std::lock_guard guard(machine_->mutex);
    machine_->locks.clear();
    machine_->on = true;
    ++machine_->epoch;
  }
  ResetCounters();
}

bool FaultOs::powered() const {
  const std::lock_guard guard(machine_->mutex);
  return machine_->on;
}

uint64_t FaultOs::operations() const {
  const std::lock_guard guard(machine_->mutex);
  return machine_->operation_count;
}

uint64_t FaultOs::reads() const {
  const std::lock_guard guard(machine_->mutex);
  return machine_->read_count;
}

std::vector<Operation> FaultOs::Log() const {
  const std::lock_guard guard(machine_->mutex);
  return machine_->log;
}

std::map<std::string, std::string> FaultOs::Files() const {
  const std::lock_guard guard(machine_->mutex);
  std::map<std::string, std::string> files;
  for (const auto& [path, inode] : machine_->disk.Everything()) {
    if (inode->kind != FileKind::kRegular) continue;
    files[path].assign(reinterpret_cast<const char*>(inode->now.data()), inode->now.size());
  }
  return files;
}

void FaultOs::Put(const std::string& path, std::string_view contents) {
  const std::lock_guard guard(machine_->mutex);
  Disk& disk = machine_->disk;
  machine_->Tick(std::chrono::microseconds(1));
  const std::string normal = NormalPath(path);
  for (size_t slash = normal.find('/', 1); slash != normal.npos;
       slash = normal.find('/', slash + 1)) {
    const std::string folder = normal.substr(0, slash);
    if (disk.Find(folder) == nullptr) disk.Make(folder, FileKind::kDirectory);
    disk.SyncFolder(ParentFolder(folder));
  }
  if (disk.Find(normal) != nullptr) disk.Remove(normal);
  const Disk::InodePtr inode = disk.Make(normal, FileKind::kRegular);
  disk.Write(*inode, 0, std::as_bytes(std::span(contents)));
  disk.Sync(*inode);
  disk.SyncFolder(ParentFolder(normal));
}

Result<std::unique_ptr<File>> FaultOs::Open(const std::string& path, bool any_kind) {
  const std::lock_guard guard(machine_->mutex);
  LEDGE_CHECK_OK(machine_->CountRead(path));
  Disk::InodePtr inode = machine_->disk.Find(path);
  if (inode == nullptr) return NotThere(path);
  if (!any_kind && inode->kind != FileKind::kRegular) return NotRegular(path);
  return NewFile(machine_, std::move(inode), path, false);
}

Result<std::unique_ptr<File>> FaultOs::OpenForUpdate(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  LEDGE_CHECK_OK(machine_->CountRead(path));
  Disk::InodePtr inode = machine_->disk.Find(path);
  if (inode == nullptr) {
    LEDGE_TRY(inode, machine_->Make(path, FileKind::kRegular));
  }
  if (inode->kind != FileKind::kRegular) return NotRegular(path);
  return NewFile(machine_, std::move(inode), path, true);
}

Result<std::unique_ptr<Mapping>> FaultOs::Map(const std::string& path) {
  LEDGE_TRY(const auto file, Open(path, false));
  return file->Map();
}

Result<std::unique_ptr<Mapping>> FaultOs::MapAnonymous(uint64_t bytes) {
  const std::lock_guard guard(machine_->mutex);
  if (bytes > machine_->available_memory) {
    return MakeError(Code::kNoMemory, "the system has no {} bytes of memory to give", bytes);
  }
  return NewMapping(std::vector<std::byte>(bytes), true);
}

Result<std::unique_ptr<PendingFile>> FaultOs::Create(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  const std::string temporary =
      JoinPath(ParentFolder(path),
               fmt::format(".{}.{:016x}{}", BaseName(path), machine_->entropy++, kTemporarySuffix));
  LEDGE_TRY(Disk::InodePtr inode, machine_->Make(temporary, FileKind::kRegular));
  LEDGE_TRY(auto lock, machine_->TakeLock(machine_, inode, temporary, true));
  return NewPendingFile(machine_, std::move(inode), temporary, path, std::move(lock));
}

Result<void> FaultOs::Rename(const std::string& from, const std::string& to) {
  const std::lock_guard guard(machine_->mutex);
  return machine_->Rename(from, to);
}

Result<void> FaultOs::Remove(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  return machine_->Remove(path);
}

Result<void> FaultOs::RemoveTree(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  return machine_->RemoveTree(path);
}

Result<void> FaultOs::SyncFolder(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  return machine_->SyncFolder(path);
}

Result<void> FaultOs::MakeFolder(const std::string& path) {
  const std::string parent = ParentFolder(NormalPath(path));
  bool make_parent = false;
  {
    const std::lock_guard guard(machine_->mutex);
    LEDGE_CHECK_OK(machine_->Alive(machine_->epoch));
    const Disk::InodePtr there = machine_->disk.Find(path);
    if (there != nullptr && there->kind != FileKind::kDirectory) {
      return MakeError(Code::kExists, "cannot make the folder '{}': a file is there", path);
    }
    if (there != nullptr) return machine_->SyncFolder(parent);
    make_parent = machine_->disk.Find(parent) == nullptr;
  }
  if (make_parent) LEDGE_CHECK_OK(MakeFolder(parent));
  const std::lock_guard guard(machine_->mutex);
  if (machine_->disk.Find(path) == nullptr) {
    LEDGE_CHECK_OK(machine_->Make(path, FileKind::kDirectory));
  }
  return machine_->SyncFolder(parent);
}

Result<std::vector<std::string>> FaultOs::List(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  LEDGE_CHECK_OK(machine_->CountRead(path));
  const Disk::InodePtr folder = machine_->disk.Find(path);
  if (folder == nullptr || folder->kind != FileKind::kDirectory) return NotThere(path);
  return machine_->disk.List(path);
}

Result<FileStatus> FaultOs::Status(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  LEDGE_CHECK_OK(machine_->CountRead(path));
  const Disk::InodePtr inode = machine_->disk.Find(path);
  if (inode == nullptr) return NotThere(path);
  return machine_->StatusOf(*inode);
}

Result<uint64_t> FaultOs::FreeDiskBytes(const std::string&) {
  const std::lock_guard guard(machine_->mutex);
  const uint64_t used = machine_->disk.BytesUsed();
  return used < machine_->capacity ? machine_->capacity - used : 0;
}

Result<std::unique_ptr<FileLock>> FaultOs::Lock(const std::string& path, bool exclusive) {
  const std::lock_guard guard(machine_->mutex);
  LEDGE_CHECK_OK(machine_->Alive(machine_->epoch));
  Disk::InodePtr inode = machine_->disk.Find(path);
  if (inode == nullptr) {
    LEDGE_TRY(inode, machine_->Make(path, FileKind::kRegular));
  }
  return machine_->TakeLock(machine_, inode, path, exclusive);
}

std::chrono::nanoseconds FaultOs::MonotonicNow() {
  const std::lock_guard guard(machine_->mutex);
  return std::chrono::nanoseconds(machine_->clock_ns);
}

std::chrono::system_clock::time_point FaultOs::WallNow() {
  const std::lock_guard guard(machine_->mutex);
  return std::chrono::system_clock::time_point(std::chrono::nanoseconds(machine_->clock_ns));
}

void FaultOs::Sleep(std::chrono::nanoseconds duration) { Advance(duration); }

Result<void> FaultOs::Entropy(std::span<std::byte> out) {
  const std::lock_guard guard(machine_->mutex);
  for (std::byte& byte : out) {
    machine_->entropy = machine_->entropy * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::byte>(machine_->entropy >> 56);
  }
  return {};
}

uint64_t FaultOs::TotalMemory() {
  const std::lock_guard guard(machine_->mutex);
  return machine_->total_memory;
}

uint64_t FaultOs::AvailableMemory() {
  const std::lock_guard guard(machine_->mutex);
  return machine_->available_memory;
}

}  // namespace ledge::fault
