// The seam to the operating system: files, mappings, clocks, entropy, memory. Everything above
// src/os/ reaches the machine through an `Os&`, so that tests can put the fault twin (os/fault/) in
// its place and stop, tear or fail any single operation. Implementations: os/posix/ (the machine)
// and os/fault/ (the twin).
//
// Paths are UTF-8 or raw bytes as the system takes them. All calls may be made from any thread.
// Errors name the path and the system's reason. EINTR is retried inside.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/cpu_topology.h"

namespace ledge {

// What identifies one state of one file's contents: if none of it changed, the contents did not.
struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t modified_ns = 0;
  int64_t changed_ns = 0;
  bool operator==(const FileStamp&) const = default;
};

enum class FileKind { kRegular, kDirectory, kOther };

struct FileStatus {
  FileKind kind = FileKind::kOther;
  FileStamp stamp;
  uint64_t allocated_bytes = 0;  // on disk, for sparse files smaller than the size
};

class Mapping;

// An open file. Closed by the destructor. Not thread-safe except ReadAt and Map.
class File {
 public:
  virtual ~File() = default;
  // Fills `out` from `offset`, or fails: kMalformed "... ended at byte N" if the file is shorter.
  virtual Result<void> ReadAt(uint64_t offset, std::span<std::byte> out) = 0;
  // Reads at most out.size() from the current position (pipes and stdin too); 0 at the end.
  virtual Result<size_t> Read(std::span<std::byte> out) = 0;
  // Only for a file of OpenForUpdate.
  virtual Result<void> WriteAt(uint64_t offset, std::span<const std::byte> data) = 0;
  virtual Result<void> Sync() = 0;
  virtual Result<FileStatus> Status() = 0;
  // Maps the very file that was opened (and perhaps checked), whatever its path names by now. The
  // mapping outlives the File. Regular files only.
  virtual Result<std::unique_ptr<Mapping>> Map() = 0;
};

// A mapping of a whole file, shared and read-only, or of anonymous memory. Unmapped by the
// destructor.
class Mapping {
 public:
  virtual ~Mapping() = default;
  virtual std::span<const std::byte> bytes() const = 0;
  // The same bytes for writing; empty for a file's mapping.
  virtual std::span<std::byte> writable() = 0;
  // True once a read hit a page that the file no longer has (it shrank, or the disk failed). Such a
  // read yields zeros instead of a SIGBUS; whoever computes from a mapping asks this before using
  // the results.
  virtual bool damaged() const = 0;
  // kDontNeed on anonymous memory gives the pages back: they read as zeros afterwards.
  enum class Advice { kWillNeed, kDontNeed, kSequential, kHugePages };
  // A hint: failures are ignored, and the range is cut to the mapping.
  virtual void Advise(uint64_t offset, uint64_t length, Advice advice) = 0;
};

// A file being written beside its place: nothing is visible under `path` before Commit().
// Dropping it without Commit() removes the temporary file. The temporary file is locked as Os::Lock
// locks, exclusively, as long as it is pending: one that can be locked was left behind by a dead
// process.
class PendingFile {
 public:
  virtual ~PendingFile() = default;
  virtual Result<void> WriteAt(uint64_t offset, std::span<const std::byte> data) = 0;
  // fsync, rename onto the path, fsync of the folder. Whatever fails, the temporary file is gone
  // afterwards. When the last step fails the new contents are in place but may not survive a loss
  // of power.
  virtual Result<void> Commit() = 0;
  // The same onto another path of the same folder, for contents whose name is known only in the
  // end.
  virtual Result<void> CommitAs(const std::string& path) = 0;
};

inline constexpr std::string_view kTemporarySuffix = ".ledge-tmp";

// A lock on a file that ends with the process at the latest. Its holder may remove the file.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class Os {
 public:
  virtual ~Os() = default;

  // For reading. Regular files only unless `any_kind` (devices, pipes, folders are refused with
  // kUnsupported, and never waited for). kNotFound if nothing is there.
  virtual Result<std::unique_ptr<File>> Open(const std::string& path, bool any_kind = false) = 0;
  // For reading and writing in place; made empty if it is missing (a download that may be resumed).
  virtual Result<std::unique_ptr<File>> OpenForUpdate(const std::string& path) = 0;
  virtual Result<std::unique_ptr<Mapping>> Map(const std::string& path) = 0;
  // Zeroed private memory, page-aligned; kNoMemory if there is none.
  virtual Result<std::unique_ptr<Mapping>> MapAnonymous(uint64_t bytes) = 0;
  // Temporary name: in the path's folder, ".<name>.<random>.ledge-tmp".
  virtual Result<std::unique_ptr<PendingFile>> Create(const std::string& path) = 0;
  virtual Result<void> Rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> Remove(const std::string& path) = 0;
  // A folder with all that is in it; links are removed, not followed. Not durable before its parent
  // is synced. What could not be removed is left, and the first such thing is the error.
  virtual Result<void> RemoveTree(const std::string& path) = 0;
  virtual Result<void> SyncFolder(const std::string& path) = 0;
  // With parents; fine if it is there. Durable when it returns.
  virtual Result<void> MakeFolder(const std::string& path) = 0;
  // Names in it, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> List(const std::string& path) = 0;
  virtual Result<FileStatus> Status(const std::string& path) = 0;
  // Of the file system that holds the path or its nearest parent that exists.
  virtual Result<uint64_t> FreeDiskBytes(const std::string& path) = 0;
  // Makes the file if it is missing. Waits for nobody: kExists if another holder (of this process
  // or another one) has an exclusive lock or, if `exclusive`, any.
  virtual Result<std::unique_ptr<FileLock>> Lock(const std::string& path, bool exclusive) = 0;

  virtual std::chrono::nanoseconds MonotonicNow() = 0;
  virtual std::chrono::system_clock::time_point WallNow() = 0;
  virtual void Sleep(std::chrono::nanoseconds duration) = 0;
  virtual Result<void> Entropy(std::span<std::byte> out) = 0;

  virtual uint64_t PageSize() = 0;
  // Physical memory, or the cgroup's limit where that is lower.
  virtual uint64_t TotalMemory() = 0;
  virtual uint64_t AvailableMemory() = 0;
  // Resident bytes of this process: {anonymous, file-backed}.
  struct Resident {
    uint64_t anonymous = 0;
    uint64_t file = 0;
  };
  virtual Resident ResidentMemory() = 0;
  // Physical cores within the affinity mask and the cgroup's quota, at least 1.
  int UsableCores() { return static_cast<int>(Cpus().cpus.size()); }
  // The same core by core, and why these.
  virtual CpuTopology Cpus() = 0;
};

// The machine itself. Lives for ever.
Os& PosixOs();

}  // namespace ledge
