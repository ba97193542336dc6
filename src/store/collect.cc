// How a model leaves the store: its name first, then the packed file that nobody names any more.
#include <algorithm>
#include <map>

#include "base/units.h"
#include "os/path.h"
#include "store/small_file.h"
#include "store/store.h"

namespace ledge {

Result<void> Store::Remove(const ModelName& name) const {
  // Before the lock: asking for a name that is not there must not make folders.
  const auto found = Find(name);
  if (!found.ok() && found.error().code == Code::kNotFound) return found.error();
  LEDGE_CHECK_OK(os_->MakeFolder(Run()));
  LEDGE_TRY(const NamedLock store_lock, LockStore());
  const std::string path = ManifestPath(name);
  const Result<std::string> before = ReadSmall(*os_, path, kMaxManifestBytes);
  const auto manifest = Find(name);
  LEDGE_CHECK_OK(os_->Remove(path));
  auto synced = os_->SyncFolder(Names());
  if (!synced.ok()) {
    RestoreName(name, before);
    return synced;
  }
  if (!manifest.ok()) return {};  // damaged: what it named is found by the next collection
  return CollectPacked(manifest->PackedFile())
      .WithContext(fmt::format("'{}' is removed but its packed file is left for 'ledge gc'",
                               name.ToString()));
}

bool Store::MayBeReferenced(const std::string& packed_file) const {
  const auto listing = List();
  // A manifest that cannot be read may be the one that refers to it.
  if (!listing.ok() || !listing->damaged.empty()) return true;
  return std::any_of(listing->models.begin(), listing->models.end(),
                     [&](const Manifest& model) { return model.PackedFile() == packed_file; });
}

Result<void> Store::CollectPacked(const std::string& packed_file) const {
  if (MayBeReferenced(packed_file)) return {};
  auto lock = TryLockPacked(packed_file);
  if (!lock.ok() && lock.error().code == Code::kExists) return {};  // about to be named
  if (!lock.ok()) return std::move(lock).error();
  auto removed = os_->Remove(JoinPath(Models(), packed_file));
  if (!removed.ok()) return removed.error().code == Code::kNotFound ? Result<void>() : removed;
  return os_->SyncFolder(Models());
}

Result<void> Store::MakeRoom(uint64_t bytes, const std::string& packed_file) const {
  LEDGE_CHECK_OK(MakeRoomInQuota(bytes, packed_file));
  LEDGE_TRY(uint64_t available, os_->FreeDiskBytes(home_));
  if (bytes > available) {
    GcReport leftovers;
    LEDGE_CHECK_OK(GcPacked(/*dry_run=*/false, leftovers));
    LEDGE_TRY(available, os_->FreeDiskBytes(home_));
  }
  if (bytes <= available) return {};
  return MakeError(Code::kNoSpace,
                   "packing needs {} ({} bytes) but the disk of '{}' has {} left; free some or "
                   "choose another --home",
                   FormatSize(bytes), bytes, PrintableLine(home_, 400), FormatSize(available));
}

Result<void> Store::MakeRoomInQuota(uint64_t bytes, const std::string& packed_file) const {
  if (!options_.quota_bytes) return {};
  const uint64_t quota = *options_.quota_bytes;
  LEDGE_TRY(uint64_t used, BytesUsed());
  if (used > quota || bytes > quota - used) {
    GcReport leftovers;  // of an eviction that was cut short, for one
    LEDGE_CHECK_OK(GcPacked(/*dry_run=*/false, leftovers));
    LEDGE_TRY(used, BytesUsed());
  }
  LEDGE_TRY(const Listing listing, List());
  // Packed files that stand only for paths that were run, oldest first.
  std::map<std::string, std::vector<Manifest>> by_file;
  for (const Manifest& model : listing.models) by_file[model.PackedFile()].push_back(model);
  std::vector<std::vector<Manifest>> evictable;
  uint64_t evictable_bytes = 0;
  for (auto& [file, models] : by_file) {
    const bool only_run = std::all_of(models.begin(), models.end(), [](const Manifest& model) {
      return model.origin == Origin::kRun;
    });
    if (!only_run || file == packed_file) continue;
    evictable_bytes += models.front().packed_bytes;
    evictable.push_back(std::move(models));
  }
  const auto fits = [&] { return used <= quota && bytes <= quota - used; };
  const uint64_t least = used > evictable_bytes ? used - evictable_bytes : 0;
  if (!fits() && (least > quota || bytes > quota - least)) {
    return MakeError(Code::kNoSpace,
                     "{} more do not fit into the store's quota of {}, of which {} are used by "
                     "models that only 'ledge rm' removes",
                     FormatSize(bytes), FormatSize(quota), FormatSize(least));
  }
  std::sort(evictable.begin(), evictable.end(), [](const auto& a, const auto& b) {
    return a.front().created_unix < b.front().created_unix;
  });
  for (const std::vector<Manifest>& models : evictable) {
    if (fits()) break;
    for (const Manifest& model : models) LEDGE_CHECK_OK(os_->Remove(ManifestPath(model.name)));
    LEDGE_CHECK_OK(os_->SyncFolder(Names()));
    LEDGE_CHECK_OK(CollectPacked(models.front().PackedFile()));
    LEDGE_TRY(used, BytesUsed());
  }
  return {};
}

}  // namespace ledge
