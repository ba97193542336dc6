#include "store/store.h"

#include <algorithm>

#include "os/path.h"
#include "store/small_file.h"

namespace ledge {
namespace {

// Names change in milliseconds; whoever holds the lock for this long was stopped in the middle.
constexpr std::chrono::seconds kMaxStoreWait{60};

}  // namespace

Store::Store(Os& os, std::string home, StoreOptions options)
    : os_(&os), home_(std::move(home)), options_(options), stamps_(os, Stamps()) {}

Result<Store> Store::Open(Os& os, std::string home, StoreOptions options) {
  if (home.empty()) return MakeError(Code::kUsage, "the store has no folder; set --home or HOME");
  const auto status = os.Status(home);
  if (status.ok() && status->kind != FileKind::kDirectory) {
    return MakeError(Code::kUsage, "'{}' is not a folder; --home names the store's folder",
                     PrintableLine(home, 400));
  }
  if (!status.ok() && status.error().code != Code::kNotFound) return status.error();
  return Store(os, std::move(home), options);
}

std::string Store::Models() const { return JoinPath(home_, "models"); }
std::string Store::Names() const { return JoinPath(home_, "names"); }
std::string Store::Run() const { return JoinPath(home_, "run"); }
std::string Store::Stamps() const { return JoinPath(home_, "stamps"); }
std::string Store::Downloads() const { return JoinPath(home_, "tmp"); }
std::string Store::ManifestPath(const ModelName& name) const {
  return JoinPath(Names(), name.ManifestFile());
}
std::string Store::PackedPath(const Manifest& manifest) const {
  return JoinPath(Models(), manifest.PackedFile());
}

Result<void> Store::MakeFolders() const {
  LEDGE_CHECK_OK(os_->MakeFolder(home_));
  for (const std::string& folder : {Models(), Names(), Run()}) {
    LEDGE_CHECK_OK(os_->MakeFolder(folder));
  }
  return {};
}

Result<NamedLock> Store::LockStore() const {
  return NamedLock::Wait(*os_, JoinPath(Run(), "store.lock"), nullptr, kMaxStoreWait,
                         NamedLock::Keep::kYes);
}

Result<NamedLock> Store::LockSource(const FileStamp& stamp,
                                    const std::function<bool()>& stop) const {
  const std::string name = fmt::format("source-{:x}-{:x}.lock", stamp.device, stamp.inode);
  return NamedLock::Wait(*os_, JoinPath(Run(), name), stop, std::nullopt);
}

Result<NamedLock> Store::LockPacked(const std::string& file,
                                    const std::function<bool()>& stop) const {
  return NamedLock::Wait(*os_, JoinPath(Run(), "pack-" + file + ".lock"), stop, std::nullopt);
}

Result<NamedLock> Store::TryLockPacked(const std::string& file) const {
  return NamedLock::Try(*os_, JoinPath(Run(), "pack-" + file + ".lock"));
}

Result<DownloadFolder> Store::MakeDownloadFolder() const {
  LEDGE_CHECK_OK(MakeFolders());
  GcReport leftovers;
  GcDownloads(/*dry_run=*/false, leftovers);
  LEDGE_TRY(const std::string name, NewDownloadName(*os_));
  LEDGE_TRY(NamedLock lock, NamedLock::Try(*os_, JoinPath(Run(), name + ".lock")));
  return DownloadFolder::Make(*os_, JoinPath(Downloads(), name), std::move(lock));
}

Result<Manifest> Store::Find(const ModelName& name) const {
  const std::string path = ManifestPath(name);
  auto text = ReadSmall(*os_, path, kMaxManifestBytes);
  if (text.ok()) return ManifestFromJson(*text, name, path);
  if (text.error().code != Code::kNotFound) return std::move(text).error();
  return MakeError(Code::kNotFound,
                   "no model is called '{}' in the store '{}'; 'ledge list' shows those there",
                   name.ToString(), PrintableLine(home_, 400));
}

Result<Listing> Store::List() const {
  Listing listing;
  auto files = os_->List(Names());
  if (!files.ok() && files.error().code == Code::kNotFound) return listing;
  if (!files.ok()) return std::move(files).error();
  for (const std::string& file : *files) {
    const auto name = ModelName::FromManifestFile(file);
    if (!name.ok()) continue;  // a temporary file, or not ours
    auto manifest = Find(*name);
    if (manifest.ok()) {
      listing.models.push_back(std::move(*manifest));
    } else if (manifest.error().code != Code::kNotFound) {  // else removed since it was listed
      listing.damaged.emplace_back(*name, std::move(manifest).error());
    }
  }
  std::sort(listing.models.begin(), listing.models.end(),
            [](const Manifest& a, const Manifest& b) { return a.name < b.name; });
  return listing;
}

Result<std::vector<Manifest>> Store::FindBySource(const Digest& source_sha256) const {
  LEDGE_TRY(Listing listing, List());
  std::erase_if(listing.models,
                [&](const Manifest& model) { return model.source_sha256 != source_sha256; });
  return std::move(listing.models);
}

Result<uint64_t> Store::BytesUsed() const {
  auto files = os_->List(Models());
  if (!files.ok() && files.error().code == Code::kNotFound) return uint64_t{0};
  if (!files.ok()) return std::move(files).error();
  uint64_t bytes = 0;
  for (const std::string& file : *files) {
    if (!IsPackedFileName(file)) continue;
    const auto status = os_->Status(JoinPath(Models(), file));
    if (status.ok()) bytes += status->stamp.size;
  }
  return bytes;
}

std::optional<Digest> Store::KnownDigest(const std::string& path) const {
  const auto status = os_->Status(path);
  if (!status.ok() || status->kind != FileKind::kRegular) return std::nullopt;
  return stamps_.Find(status->stamp);
}

bool Store::IsUnchanged(const Manifest& manifest) const {
  const auto status = os_->Status(PackedPath(manifest));
  return status.ok() && status->stamp.size == manifest.packed_bytes &&
         stamps_.Find(status->stamp) == manifest.source_sha256;
}

Result<void> Store::Verify(const ModelName& name, const VerifyFunction& verify) const {
  LEDGE_TRY(const Manifest manifest, Find(name));
  const std::string path = PackedPath(manifest);
  LEDGE_TRY(const FileStatus before, os_->Status(path));
  if (before.stamp.size != manifest.packed_bytes) {
    return MakeError(Code::kVerification,
                     "'{}' has {} bytes; it had {} when it was packed, import it again",
                     PrintableLine(path, 400), before.stamp.size, manifest.packed_bytes);
  }
  const auto began = os_->WallNow();
  LEDGE_CHECK_OK(verify(path, manifest));
  LEDGE_TRY(const FileStatus after, os_->Status(path));
  // A store that cannot be written is verified anew each time.
  if (after.stamp == before.stamp && IsSettled(after.stamp, began)) {
    (void)stamps_.Remember(after.stamp, manifest.source_sha256);
  }
  return {};
}

Result<void> Store::Export(const ModelName& name, const std::string& out_path,
                           const ExportFunction& export_source) const {
  LEDGE_TRY(const Manifest manifest, Find(name));
  LEDGE_TRY(const auto out, os_->Create(out_path));
  LEDGE_CHECK_OK(export_source(PackedPath(manifest), manifest, *out));
  return out->Commit();
}

}  // namespace ledge
