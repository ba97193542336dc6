// How a model gets into the store: packed file first, then its name.
#include "os/path.h"
#include "store/small_file.h"
#include "store/store.h"

namespace ledge {
namespace {

int64_t UnixSeconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// What the request says about the model, over what packing (now or earlier) found out.
void ApplyRequest(const PutRequest& request, const std::optional<FileStamp>& stamp,
                  std::chrono::system_clock::time_point now, Manifest& manifest) {
  manifest.name = request.name;
  manifest.source_file =
      request.source_file.empty() ? BaseName(request.source_path) : request.source_file;
  manifest.source_stamp = request.source_path.empty() ? request.source_stamp : stamp;
  manifest.origin = request.origin;
  manifest.layout_version = request.layout_version;
  manifest.created_unix = request.created_unix.value_or(UnixSeconds(now));
  if (!request.licence.empty()) manifest.licence = request.licence;
}

Manifest FromInfo(const PackedInfo& info) {
  Manifest manifest;
  manifest.source_sha256 = info.source_sha256;
  manifest.source_bytes = info.source_bytes;
  manifest.packed_bytes = info.packed_bytes;
  manifest.architecture = info.architecture;
  manifest.parameters = info.parameters;
  manifest.quantisation = info.quantisation;
  manifest.licence = info.licence;
  return manifest;
}

Result<void> CheckDigest(const PutRequest& request, const Digest& found) {
  if (!request.source_sha256 || *request.source_sha256 == found) return {};
  return MakeError(Code::kVerification, "'{}' has the SHA-256 {}; {} was promised, fetch it again",
                   PrintableLine(request.source_path, 400), found.ToHex(),
                   request.source_sha256->ToHex());
}

Error Changed(const PutRequest& request) {
  return MakeError(Code::kIo, "'{}' changed while it was packed; import it again",
                   PrintableLine(request.source_path, 400));
}

}  // namespace

Result<Manifest> Store::Put(const PutRequest& request, const PackFunction& pack) const {
  std::optional<FileStamp> stamp;
  if (request.parts_stamp) {
    stamp = request.parts_stamp;
  } else if (!request.source_path.empty()) {
    LEDGE_TRY(const FileStatus status, os_->Status(request.source_path));
    if (status.kind == FileKind::kRegular) stamp = status.stamp;
  }
  const bool has_path = !request.source_path.empty();
  if (has_path && request.source_stamp && stamp != request.source_stamp) return Changed(request);
  LEDGE_CHECK_OK(MakeFolders());
  NamedLock source_lock;
  if (stamp) {
    LEDGE_TRY(source_lock, LockSource(*stamp, request.stop));
  }
  NamedLock pack_lock;
  const std::optional<Digest> stamped = stamp ? stamps_.Find(*stamp) : std::nullopt;
  if (stamped) LEDGE_CHECK_OK(CheckDigest(request, *stamped));
  const std::optional<Digest> known = stamped ? stamped : request.source_sha256;
  if (known) {
    LEDGE_TRY(pack_lock, LockPacked(PackedFileName(*known, request.layout_version), request.stop));
    LEDGE_TRY(std::optional<Manifest> shared, FindPacked(*known, request.layout_version));
    // A promised digest is no proof that this source has it: only a stamp is.
    if (shared && (stamped || request.source_path.empty())) {
      ApplyRequest(request, stamp, os_->WallNow(), *shared);
      LEDGE_CHECK_OK(CommitName(*shared, request.only_if_named));
      return std::move(*shared);
    }
  }
  return PackNew(request, pack, stamp, std::move(pack_lock));
}

Result<std::optional<Manifest>> Store::FindPacked(const Digest& source_sha256,
                                                  uint32_t layout) const {
  LEDGE_TRY(std::vector<Manifest> models, FindBySource(source_sha256));
  for (Manifest& model : models) {
    if (model.layout_version != layout) continue;
    const auto status = os_->Status(PackedPath(model));
    if (status.ok() && status->stamp.size == model.packed_bytes) {
      return std::optional<Manifest>(std::move(model));
    }
  }
  return std::optional<Manifest>();
}

Result<Manifest> Store::PackNew(const PutRequest& request, const PackFunction& pack,
                                const std::optional<FileStamp>& stamp, NamedLock lock) const {
  GcReport leftovers;
  GcTemporary(Models(), /*dry_run=*/false, leftovers);
  if (request.expected_packed_bytes > 0) {
    LEDGE_TRY(const NamedLock store_lock, LockStore());
    LEDGE_CHECK_OK(MakeRoom(request.expected_packed_bytes, ""));
  }
  const auto began = os_->WallNow();
  LEDGE_TRY(const auto pending, os_->Create(JoinPath(Models(), "incoming")));
  LEDGE_TRY(const PackedInfo info, pack(*pending));
  LEDGE_CHECK_OK(CheckDigest(request, info.source_sha256));
  if (stamp && !request.parts_stamp) {
    LEDGE_TRY(const FileStatus after, os_->Status(request.source_path));
    if (after.stamp != *stamp) return Changed(request);
  }
  Manifest manifest = FromInfo(info);
  ApplyRequest(request, stamp, os_->WallNow(), manifest);
  const std::string file = manifest.PackedFile();
  // The lock of what was expected, if it was expected; any other would be waited for while holding
  // it.
  lock.Release();
  LEDGE_TRY(lock, LockPacked(file, request.stop));
  LEDGE_TRY(const auto shared, FindPacked(manifest.source_sha256, manifest.layout_version));
  const bool was_there = os_->Status(JoinPath(Models(), file)).ok();
  if (!shared) LEDGE_CHECK_OK(CommitPacked(*pending, manifest));
  auto named = CommitName(manifest, request.only_if_named);
  if (!named.ok()) {
    // Unless the new name is in place after all and could not be taken back.
    if (!was_there && !MayBeReferenced(file)) {
      (void)os_->Remove(JoinPath(Models(), file));
      (void)os_->SyncFolder(Models());
    }
    return std::move(named).error();
  }
  if (!shared) RememberPacked(manifest);
  if (stamp && IsSettled(*stamp, began)) (void)stamps_.Remember(*stamp, manifest.source_sha256);
  return manifest;
}

Result<void> Store::CommitPacked(PendingFile& pending, const Manifest& manifest) const {
  const std::string path = PackedPath(manifest);
  const bool was_there = os_->Status(path).ok();
  if (options_.quota_bytes && !was_there) {
    LEDGE_TRY(const NamedLock store_lock, LockStore());
    LEDGE_CHECK_OK(MakeRoomInQuota(manifest.packed_bytes, manifest.PackedFile()));
  }
  auto committed = pending.CommitAs(path);
  // It may be in place although its last step failed.
  if (!committed.ok() && !was_there && os_->Remove(path).ok()) (void)os_->SyncFolder(Models());
  return committed;
}

Result<void> Store::CommitName(const Manifest& manifest, bool only_if_named) const {
  LEDGE_TRY(const NamedLock store_lock, LockStore());
  const std::string path = ManifestPath(manifest.name);
  const Result<std::string> before = ReadSmall(*os_, path, kMaxManifestBytes);
  if (only_if_named) {
    LEDGE_TRY(const Manifest now, Find(manifest.name));
    if (now.source_sha256 != manifest.source_sha256) {
      return MakeError(Code::kNotFound, "'{}' became another model meanwhile; try again",
                       manifest.name.ToString());
    }
  }
  const std::string text = ManifestToJson(manifest);
  auto written = WriteSmall(*os_, path, text);
  if (!written.ok()) {
    const auto now = ReadSmall(*os_, path, kMaxManifestBytes);
    if (now.ok() && *now == text) RestoreName(manifest.name, before);
    return written;
  }
  if (!before.ok()) return {};
  const auto old = ManifestFromJson(*before, manifest.name, path);
  // Its name is what was asked for; a file that could not be removed is found by the next
  // collection.
  if (old.ok() && old->PackedFile() != manifest.PackedFile()) {
    (void)CollectPacked(old->PackedFile());
  }
  return {};
}

// After a change of a name that took place but could not be made durable.
void Store::RestoreName(const ModelName& name, const Result<std::string>& before) const {
  const std::string path = ManifestPath(name);
  if (before.ok()) {
    (void)WriteSmall(*os_, path, *before);
  } else if (before.error().code == Code::kNotFound) {
    (void)os_->Remove(path);
    (void)os_->SyncFolder(Names());
  }
}

void Store::RememberPacked(const Manifest& manifest) const {
  const auto status = os_->Status(PackedPath(manifest));
  if (status.ok()) (void)stamps_.Remember(status->stamp, manifest.source_sha256);
}

}  // namespace ledge
