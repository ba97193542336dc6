#include "store/stamp_cache.h"

#include <nlohmann/json.hpp>

#include "os/path.h"
#include "store/json_fields.h"
#include "store/small_file.h"

namespace ledge {
namespace {

using nlohmann::json;

constexpr size_t kMaxStampBytes = 4096;

std::string FileOf(const FileStamp& stamp) {
  return fmt::format("{:x}-{:x}.json", stamp.device, stamp.inode);
}

}  // namespace

bool IsSettled(const FileStamp& stamp, std::chrono::system_clock::time_point reading_began) {
  using std::chrono::nanoseconds;
  const bool whole_seconds = stamp.changed_ns % 1'000'000'000 == 0;
  const nanoseconds tick = whole_seconds ? std::chrono::seconds(2) : std::chrono::milliseconds(50);
  const auto began = std::chrono::duration_cast<nanoseconds>(reading_began.time_since_epoch());
  return began.count() - tick.count() > stamp.changed_ns;
}

std::optional<Digest> StampCache::Read(const std::string& file, const FileStamp* stamp) const {
  const auto text = ReadSmall(*os_, JoinPath(folder_, file), kMaxStampBytes);
  if (!text.ok()) return std::nullopt;
  const json document = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("stamp")) return std::nullopt;
  const auto stored = StampFromJson(document["stamp"]);
  const auto sha256 = TextField(document, "sha256");
  if (!stored.ok() || !sha256.ok()) return std::nullopt;
  if (stamp != nullptr && *stored != *stamp) return std::nullopt;
  auto digest = Digest::FromHex(*sha256);
  if (!digest.ok()) return std::nullopt;
  return *digest;
}

std::optional<Digest> StampCache::Find(const FileStamp& stamp) const {
  return Read(FileOf(stamp), &stamp);
}

Result<void> StampCache::Remember(const FileStamp& stamp, const Digest& digest) const {
  if (Find(stamp) == digest) return {};
  LEDGE_CHECK_OK(os_->MakeFolder(folder_));
  const json document = {{"stamp", StampToJson(stamp)}, {"sha256", digest.ToHex()}};
  return WriteSmall(*os_, JoinPath(folder_, FileOf(stamp)), document.dump() + "\n");
}

std::vector<StampCache::Entry> StampCache::Entries() const {
  std::vector<Entry> entries;
  const auto files = os_->List(folder_);
  if (!files.ok()) return entries;
  for (const std::string& file : *files) {
    if (file.ends_with(kTemporarySuffix)) continue;
    const auto status = os_->Status(JoinPath(folder_, file));
    entries.push_back({file, status.ok() ? status->stamp.size : 0, Read(file, nullptr)});
  }
  return entries;
}

}  // namespace ledge
