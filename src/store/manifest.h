// What a name stands for: one small JSON file in <home>/names/.
//
// It is read as hostile (a store may be shared or restored): a size limit, types checked, and the
// packed file's name must have the shape that the store itself gives, so that nothing outside
// models/ is reached.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/os.h"
#include "os/sha256.h"
#include "store/model_name.h"

namespace ledge {

inline constexpr size_t kMaxManifestBytes = 64 * 1024;
inline constexpr size_t kMaxManifestText = 1024;  // bytes of one text field; longer ones are cut

enum class Origin {
  kImport,  // the user gave it a name
  kRun,     // packed because a path was run; goes first when the quota is reached
  kPull,
};
std::string_view OriginName(Origin origin);  // "import", "run", "pull"

struct Manifest {
  ModelName name;
  std::string source_file;  // its name, without folders
  Digest source_sha256;
  uint64_t source_bytes = 0;
  std::optional<FileStamp> source_stamp;  // none if the source was no regular file
  std::string architecture;
  uint64_t parameters = 0;
  std::string quantisation;
  std::string licence;
  uint32_t layout_version = 0;
  uint64_t packed_bytes = 0;
  int64_t created_unix = 0;  // seconds
  Origin origin = Origin::kImport;

  // "<source sha256>-v<layout version>.ledge", in <home>/models/.
  std::string PackedFile() const;
  bool operator==(const Manifest&) const = default;
};

std::string PackedFileName(const Digest& source_sha256, uint32_t layout_version);
// Whether a file of this name was made by PackedFileName.
bool IsPackedFileName(std::string_view file);

std::string ManifestToJson(const Manifest& manifest);
// kMalformed for anything else, kUnsupported for one that a newer ledge wrote. `path` is for the
// message.
Result<Manifest> ManifestFromJson(std::string_view json, const ModelName& name,
                                  std::string_view path);

}  // namespace ledge
