// The fault twin: an Os over a disk in memory whose every operation can be stopped, torn or failed.
//
// Mutating operations are counted from 0: making a file or folder, each write, each sync (of a
// file, of a folder), rename, remove. A test runs its work once to learn their number, and then
// once for each of them, on a Clone() of the same disk, with that one failed or the power cut at
// it:
//
//   fault::FaultOs base;  ... prepare ...
//   const uint64_t total = CountOperations(base, work);
//   for (uint64_t n = 0; n < total; ++n) {
//     auto os = base.Clone();
//     os->CutPower(n, fault::Cut::kAfter);
//     work(*os);                                   // fails somewhere
//     os->Restart(fault::Survival::kNothingUnsynced, seed);
//     check(*os);
//   }
//
// Once the power is cut every call fails with kIo and changes nothing, destructors of pending files
// included, until Restart(); handles from before a restart stay dead. Clock, entropy and memory are
// made up and the same in every run. All calls may be made from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "os/fault/disk.h"
#include "os/os.h"

namespace ledge::fault {

struct Operation {
  enum class Kind { kMake, kMakeFolder, kWrite, kSync, kRename, kRemove, kSyncFolder };
  Kind kind = Kind::kWrite;
  std::string path;
  uint64_t bytes = 0;  // of a write
};
std::string Describe(const Operation& operation);

enum class Cut {
  kBefore,  // the operation does not happen
  kTorn,    // of a write, only some first sectors happen; other operations do not happen
  kAfter,   // the operation happens, but nobody hears of it
};

class FaultOs final : public Os {
 public:
  FaultOs();
  ~FaultOs() override;

  // The same disk and clock, counters at 0, no faults planned, no locks, power on.
  std::unique_ptr<FaultOs> Clone() const;

  // Plans; they count from the last Clone(), Restart() or ResetCounters().
  // The operation fails with `code`. A write leaves its first half; other operations leave nothing.
  void FailOperation(uint64_t n, Code code);
  // The same for this and every later operation but removals: a full or a dead disk.
  void FailFrom(uint64_t n, Code code);
  void CutPower(uint64_t n, Cut cut, uint64_t torn_sectors = 1);
  // The nth call that reads (Open, Read, ReadAt, Map, List, Status) fails with kIo.
  void FailRead(uint64_t n);
  // Writes beyond fail with kNoSpace.
  void SetCapacity(uint64_t bytes);
  void SetMemory(uint64_t total, uint64_t available);
  void Advance(std::chrono::nanoseconds duration);

  // The machine restarts. What is left is durable then.
  void Restart(Survival survival, uint64_t seed = 0);
  // Only the process died, at the planned cut, and a new one comes: all of its work is still there,
  // but what was not synced can still be lost.
  void KillProcess();
  void ResetCounters();

  bool powered() const;
  uint64_t operations() const;
  uint64_t reads() const;
  std::vector<Operation> Log() const;
  // Every regular file with its contents as programs see it.
  std::map<std::string, std::string> Files() const;
  // Makes (with its folders) or replaces a file, durable at once, uncounted.
  void Put(const std::string& path, std::string_view contents);

  Result<std::unique_ptr<File>> Open(const std::string& path, bool any_kind = false) override;
  Result<std::unique_ptr<File>> OpenForUpdate(const std::string& path) override;
  Result<std::unique_ptr<Mapping>> Map(const std::string& path) override;
  Result<std::unique_ptr<Mapping>> MapAnonymous(uint64_t bytes) override;
  Result<std::unique_ptr<PendingFile>> Create(const std::string& path) override;
  Result<void> Rename(const std::string& from, const std::string& to) override;
  Result<void> Remove(const std::string& path) override;
  Result<void> RemoveTree(const std::string& path) override;  // a removal a file and folder
  Result<void> SyncFolder(const std::string& path) override;
  Result<void> MakeFolder(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& path) override;
  Result<FileStatus> Status(const std::string& path) override;
  Result<uint64_t> FreeDiskBytes(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path, bool exclusive) override;
  std::chrono::nanoseconds MonotonicNow() override;
  std::chrono::system_clock::time_point WallNow() override;
  void Sleep(std::chrono::nanoseconds duration) override;
  Result<void> Entropy(std::span<std::byte> out) override;
  uint64_t PageSize() override { return 4096; }
  uint64_t TotalMemory() override;
  uint64_t AvailableMemory() override;
  Resident ResidentMemory() override { return {}; }
  CpuTopology Cpus() override {
    return {.cores = {{.cpu = 0}, {.cpu = 1}}, .online_cpus = 2, .usable_cpus = 2, .cpus = {0, 1}};
  }

  // What the open handles share with their Os; defined in machine.h, for this folder only.
  class Machine;

 private:
  explicit FaultOs(std::shared_ptr<Machine> machine);
  std::shared_ptr<Machine> machine_;
};

}  // namespace ledge::fault
