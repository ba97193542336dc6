// A disk with a cache that forgets: the model of durability under the fault twin.
//
// What POSIX promises and no more. A file's data is durable after its own sync. A name (made,
// renamed, removed) is durable after a sync of its folder. Everything else may be lost when the
// power goes, each sector and each change of a name on its own, in any order. Source of the model:
// what crash testers of file systems assume (Pillai et al., "All File Systems Are Not Created
// Equal", OSDI 2014; CrashMonkey, OSDI 2018).
//
// Not thread-safe: FaultOs locks around it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "os/os.h"

namespace ledge::fault {

inline constexpr uint64_t kSector = 512;

struct Inode {
  uint64_t id = 0;
  FileKind kind = FileKind::kRegular;
  std::vector<std::byte> now;      // what programs see
  std::vector<std::byte> durable;  // what a loss of power leaves at least
  std::set<uint64_t> dirty;        // sectors of `now` that are not in `durable`
  int64_t modified_ns = 0;
  int64_t changed_ns = 0;
};

// What survives a restart of the machine.
enum class Survival {
  kNothingUnsynced,
  kRandomSubset,  // each unsynced sector and change of a name by a coin of the seed
  kEverything,    // only the process died
};

class Disk {
 public:
  using InodePtr = std::shared_ptr<Inode>;

  Disk();
  // A deep copy; handles into the old one do not reach it.
  Disk(const Disk& other);
  Disk& operator=(const Disk&) = delete;

  // nullptr if there is none. Paths are normalised ("/a//b/" is "/a/b").
  InodePtr Find(std::string_view path) const;
  // nullptr if the folder is missing or the name is taken.
  InodePtr Make(std::string_view path, FileKind kind);
  bool Rename(std::string_view from, std::string_view to);
  bool Remove(std::string_view path);        // no folder
  bool RemoveFolder(std::string_view path);  // an empty one
  std::vector<std::string> List(std::string_view folder) const;
  std::map<std::string, InodePtr> Everything() const { return names_; }

  void Write(Inode& inode, uint64_t offset, std::span<const std::byte> data);
  void Sync(Inode& inode);
  void SyncFolder(std::string_view folder);

  // The machine restarts: what is lost is lost, what is left is durable.
  void Restart(Survival survival, uint64_t seed);

  uint64_t BytesUsed() const;
  void SetTime(int64_t now_ns) { now_ns_ = now_ns; }

 private:
  using Names = std::map<std::string, InodePtr>;
  // One change of names, atomic in itself; durable when one of its folders is synced.
  struct Change {
    std::string unlinked;  // "" for none
    std::string linked;    // "" for none
    InodePtr inode;
  };
  static void Apply(const Change& change, Names& names);
  void Record(Change change);

  Names names_;
  Names durable_names_;
  std::vector<Change> unsynced_;
  uint64_t next_id_ = 1;
  int64_t now_ns_ = 0;
};

std::string NormalPath(std::string_view path);

}  // namespace ledge::fault
