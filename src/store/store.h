// The store: packed models by digest, and names for them.
//
//   <home>/models/<source sha256>-v<layout>.ledge   packed weights, immutable
//   <home>/names/<org>+<name>@<tag>.json            a name's manifest
//   <home>/stamps/                                  which digest a source file had (a cache)
//   <home>/tmp/pull-<random>/                       downloads under way (download_folder.h)
//   <home>/run/*.lock                               locks, made and removed as needed
//
// Every file is written beside, synced and renamed. An install commits the packed file first and
// then the manifest; a removal takes the manifest first. So whenever the power goes, a name stands
// for its old or its new contents, whole, and the worst that is left behind is a file that no name
// refers to, which Gc takes.
//
// Any number of processes and threads may use one home. Locks, always taken in this order:
//   source-<device>-<inode>.lock   while one source file is packed: the second importer waits and
//   shares pack-<sha256>-v<layout>.lock   from before a packed file is looked for until a name
//   refers to it, so
//                                  that nobody collects it in between
//   store.lock                     briefly, around changes of names and collections
// and beside these, waited for by nobody:
//   pull-<random>.lock             as long as the download folder of that name is in use
// Readers take none: a model that is removed while it is mapped stays mapped.
//
// Reading a store creates nothing, not even its folders. Methods may be called from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/os.h"
#include "os/sha256.h"
#include "store/download_folder.h"
#include "store/manifest.h"
#include "store/model_name.h"
#include "store/named_lock.h"
#include "store/stamp_cache.h"

namespace ledge {

// What packing found out about the source.
struct PackedInfo {
  Digest source_sha256;
  uint64_t source_bytes = 0;
  uint64_t packed_bytes = 0;
  std::string architecture;
  uint64_t parameters = 0;
  std::string quantisation;
  std::string licence;
};

// Writes the packed form of the source to `out`, without committing it, and checks the contents on
// the way. Not called when the store has the packed file already.
using PackFunction = std::function<Result<PackedInfo>(PendingFile& out)>;
// Checks a packed file against the manifest, contents and all; kVerification if it is not what it
// was.
using VerifyFunction =
    std::function<Result<void>(const std::string& packed_path, const Manifest& manifest)>;
// Writes the source file back to `out`, without committing it; fails with kVerification unless what
// it wrote has the manifest's source digest.
using ExportFunction = std::function<Result<void>(const std::string& packed_path,
                                                  const Manifest& manifest, PendingFile& out)>;

struct PutRequest {
  ModelName name;
  std::string source_path;  // "" if it comes from elsewhere, or from an older packed file
  // What the caller has read of the source already is of this state of it; in any other: kIo. Goes
  // into the manifest where there is no path.
  std::optional<FileStamp> source_stamp;
  // Where the source is several files: stands for all of them in place of source_path's own stamp;
  // whoever packs sees to it that none of them changes.
  std::optional<FileStamp> parts_stamp;
  std::string source_file;  // for show; the source path's last part if empty
  std::optional<Digest>
      source_sha256;  // where it is known (pulled, re-packed): anything else is refused
  uint32_t layout_version = 1;
  uint64_t expected_packed_bytes = 0;  // for refusing early for want of disk or quota; 0 if unknown
  Origin origin = Origin::kImport;
  std::string licence;                  // what packing says if empty
  std::optional<int64_t> created_unix;  // now if left out
  // kNotFound unless the name stands for the same source, in whatever layout, when all is packed.
  bool only_if_named = false;
  std::function<bool()> stop;  // asked while waiting for another process; true: kInterrupted
};

struct StoreOptions {
  std::optional<uint64_t> quota_bytes;  // of packed files
};

struct Listing {
  std::vector<Manifest> models;  // sorted by name
  // Names whose manifest cannot be read, with the reason. Remove works on them.
  std::vector<std::pair<ModelName, Error>> damaged;
};

struct GcReport {
  struct Item {
    std::string path;
    uint64_t bytes = 0;
    std::string reason;  // "temporary file", "no name refers to it", ...
  };
  std::vector<Item> removed;  // or, in a dry run, what would be
  uint64_t bytes = 0;
  // Why packed files without a name were left alone; empty if they were not.
  std::string kept_because;
};

class Store {
 public:
  // kUsage if `home` is empty or not a folder; a missing one is fine and empty. `os` must outlive
  // the store.
  static Result<Store> Open(Os& os, std::string home, StoreOptions options = {});

  const std::string& home() const { return home_; }
  std::string PackedPath(const Manifest& manifest) const;

  Result<Listing> List() const;
  // kNotFound if nothing has that name.
  Result<Manifest> Find(const ModelName& name) const;
  // All names of one source, of any layout.
  Result<std::vector<Manifest>> FindBySource(const Digest& source_sha256) const;
  Result<uint64_t> BytesUsed() const;

  // The digest that the file at `path` had when it was last read whole, if it has not changed
  // since.
  std::optional<Digest> KnownDigest(const std::string& path) const;
  std::optional<Digest> KnownDigest(const FileStamp& stamp) const { return stamps_.Find(stamp); }
  // Whether the packed file is as it was when it was written or last verified, judged by its stamp.
  bool IsUnchanged(const Manifest& manifest) const;

  // Packs, unless it was packed before, and gives it the name; a name that was taken changes over.
  // If it fails the store is as before, but for entries of paths that were run and had to make
  // room. kNoSpace: disk or quota. kIo: the source changed meanwhile.
  Result<Manifest> Put(const PutRequest& request, const PackFunction& pack) const;
  // The packed file goes too, when no other name refers to it. Where that alone fails, the name is
  // gone.
  Result<void> Remove(const ModelName& name) const;
  // An empty folder of its own for a download. Those that dead processes left are removed first.
  Result<DownloadFolder> MakeDownloadFolder() const;
  // Removes what dead processes left: temporary files, downloads, packed files without a
  // name, stale locks, stamps of sources that are no longer here. Leaves what living processes are
  // at.
  Result<GcReport> Gc(bool dry_run) const;
  Result<void> Verify(const ModelName& name, const VerifyFunction& verify) const;
  Result<void> Export(const ModelName& name, const std::string& out_path,
                      const ExportFunction& export_source) const;

 private:
  Store(Os& os, std::string home, StoreOptions options);

  std::string Models() const;
  std::string Names() const;
  std::string Run() const;
  std::string Stamps() const;
  std::string Downloads() const;
  std::string ManifestPath(const ModelName& name) const;
  Result<void> MakeFolders() const;

  // store.cc: locks.
  Result<NamedLock> LockStore() const;
  Result<NamedLock> LockSource(const FileStamp& stamp, const std::function<bool()>& stop) const;
  Result<NamedLock> LockPacked(const std::string& file, const std::function<bool()>& stop) const;
  // kExists at once if a living process is at it.
  Result<NamedLock> TryLockPacked(const std::string& file) const;

  // install.cc. A manifest whose packed file is there, to be shared; none if it has to be packed.
  Result<std::optional<Manifest>> FindPacked(const Digest& source_sha256, uint32_t layout) const;
  Result<Manifest> PackNew(const PutRequest& request, const PackFunction& pack,
                           const std::optional<FileStamp>& stamp, NamedLock lock) const;
  Result<void> CommitPacked(PendingFile& pending, const Manifest& manifest) const;
  Result<void> CommitName(const Manifest& manifest, bool only_if_named) const;
  void RestoreName(const ModelName& name, const Result<std::string>& before) const;
  void RememberPacked(const Manifest& manifest) const;

  // collect.cc. With the store locked.
  Result<void> MakeRoom(uint64_t bytes, const std::string& packed_file) const;
  Result<void> MakeRoomInQuota(uint64_t bytes, const std::string& packed_file) const;
  Result<void> CollectPacked(const std::string& packed_file) const;
  bool MayBeReferenced(const std::string& packed_file) const;

  // gc.cc
  void GcTemporary(const std::string& folder, bool dry_run, GcReport& report) const;
  Result<void> GcPacked(bool dry_run, GcReport& report) const;
  void GcDownloads(bool dry_run, GcReport& report) const;
  void GcStamps(bool dry_run, GcReport& report) const;
  void GcLocks(bool dry_run, GcReport& report) const;

  Os* os_;
  std::string home_;
  StoreOptions options_;
  StampCache stamps_;
};

}  // namespace ledge
