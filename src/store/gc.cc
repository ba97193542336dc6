// What dead processes left behind.
#include <set>

#include "os/path.h"
#include "store/store.h"

namespace ledge {
namespace {

constexpr std::string_view kLockSuffix = ".lock";

void Add(GcReport& report, std::string path, uint64_t bytes, std::string reason) {
  report.bytes += bytes;
  report.removed.push_back({std::move(path), bytes, std::move(reason)});
}

uint64_t SizeOf(Os& os, const std::string& path) {
  const auto status = os.Status(path);
  return status.ok() ? status->stamp.size : 0;
}

std::vector<std::string> ListOrNothing(Os& os, const std::string& folder) {
  return os.List(folder).value_or({});
}

// A download is a file or a few; what lies deeper is removed but not counted.
constexpr int kMaxTreeDepth = 8;

uint64_t SizeOfTree(Os& os, const std::string& path, int max_depth) {
  const auto status = os.Status(path);
  if (!status.ok()) return 0;
  if (status->kind != FileKind::kDirectory || max_depth == 0) return status->stamp.size;
  uint64_t bytes = 0;
  for (const std::string& name : ListOrNothing(os, path)) {
    bytes += SizeOfTree(os, JoinPath(path, name), max_depth - 1);
  }
  return bytes;
}

}  // namespace

Result<GcReport> Store::Gc(bool dry_run) const {
  GcReport report;
  const auto home = os_->Status(home_);
  if (!home.ok()) {
    if (home.error().code == Code::kNotFound) return report;
    return home.error();
  }
  NamedLock store_lock;
  if (!dry_run) {
    LEDGE_CHECK_OK(os_->MakeFolder(Run()));
    LEDGE_TRY(store_lock, LockStore());
  }
  for (const std::string& folder : {Models(), Names(), Stamps()}) {
    GcTemporary(folder, dry_run, report);
  }
  GcDownloads(dry_run, report);
  LEDGE_CHECK_OK(GcPacked(dry_run, report));
  GcStamps(dry_run, report);
  GcLocks(dry_run, report);
  return report;
}

void Store::GcTemporary(const std::string& folder, bool dry_run, GcReport& report) const {
  for (const std::string& file : ListOrNothing(*os_, folder)) {
    if (!file.ends_with(kTemporarySuffix)) continue;
    const std::string path = JoinPath(folder, file);
    const uint64_t bytes = SizeOf(*os_, path);
    // The writer of a temporary file holds its lock as long as it lives.
    const auto lock = os_->Lock(path, /*exclusive=*/true);
    if (!lock.ok()) continue;
    if (dry_run || os_->Remove(path).ok())
      Add(report, path, bytes, "temporary file of a dead process");
  }
}

void Store::GcDownloads(bool dry_run, GcReport& report) const {
  for (const std::string& name : ListOrNothing(*os_, Downloads())) {
    if (!IsDownloadName(name)) continue;
    const std::string path = JoinPath(Downloads(), name);
    const std::string lock_path = JoinPath(Run(), name + ".lock");
    // Without the file nobody holds the lock; a dry run must not make it.
    std::unique_ptr<FileLock> lock;
    if (os_->Status(lock_path).ok()) {
      auto held = os_->Lock(lock_path, /*exclusive=*/true);
      if (!held.ok()) continue;
      lock = std::move(*held);
    }
    const uint64_t bytes = SizeOfTree(*os_, path, kMaxTreeDepth);
    if (dry_run || os_->RemoveTree(path).ok())
      Add(report, path, bytes, "download of a dead process");
  }
}

Result<void> Store::GcPacked(bool dry_run, GcReport& report) const {
  LEDGE_TRY(const Listing listing, List());
  if (!listing.damaged.empty()) {
    report.kept_because = fmt::format(
        "the manifest of '{}' cannot be read and may refer to them ({})",
        listing.damaged.front().first.ToString(), listing.damaged.front().second.message);
    return {};
  }
  std::set<std::string> referenced;
  for (const Manifest& model : listing.models) referenced.insert(model.PackedFile());
  bool removed_any = false;
  for (const std::string& file : ListOrNothing(*os_, Models())) {
    if (!IsPackedFileName(file) || referenced.contains(file)) continue;
    const std::string path = JoinPath(Models(), file);
    const uint64_t bytes = SizeOf(*os_, path);
    if (!dry_run) {
      const auto lock = TryLockPacked(file);
      if (!lock.ok()) continue;  // a living process is about to name it
      LEDGE_CHECK_OK(os_->Remove(path));
      removed_any = true;
    }
    Add(report, path, bytes, "no name refers to it");
  }
  if (removed_any) LEDGE_CHECK_OK(os_->SyncFolder(Models()));
  return {};
}

void Store::GcStamps(bool dry_run, GcReport& report) const {
  const auto listing = List();
  if (!listing.ok() || !listing->damaged.empty()) return;
  std::set<Digest> sources;
  for (const Manifest& model : listing->models) sources.insert(model.source_sha256);
  for (const StampCache::Entry& entry : stamps_.Entries()) {
    if (entry.digest && sources.contains(*entry.digest)) continue;
    const std::string path = JoinPath(Stamps(), entry.file);
    if (dry_run || os_->Remove(path).ok()) Add(report, path, entry.bytes, "stamp of no model here");
  }
}

void Store::GcLocks(bool dry_run, GcReport& report) const {
  for (const std::string& file : ListOrNothing(*os_, Run())) {
    if (!file.ends_with(kLockSuffix) || file == "store.lock") continue;
    const bool ours = file.starts_with("pack-") || file.starts_with("source-") ||
                      IsDownloadName(file.substr(0, file.size() - kLockSuffix.size()));
    if (!ours) continue;
    const std::string path = JoinPath(Run(), file);
    const auto lock = os_->Lock(path, /*exclusive=*/true);
    if (!lock.ok()) continue;
    if (dry_run || os_->Remove(path).ok()) Add(report, path, 0, "lock of a dead process");
  }
}

}  // namespace ledge
