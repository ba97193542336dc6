#include "cli/manifest_json.h"

#include <ctime>
#include <nlohmann/json.hpp>

namespace ledge {

std::string FormatTime(int64_t unix_seconds) {
  const time_t time = unix_seconds;
  tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  const size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, size};
}

nlohmann::ordered_json ManifestJson(const Store& store, const Manifest& manifest) {
  return {{"name", manifest.name.ToString()},
          {"architecture", manifest.architecture},
          {"parameters", manifest.parameters},
          {"type", manifest.quantisation},
          {"licence", manifest.licence},
          {"source_file", manifest.source_file},
          {"source_sha256", manifest.source_sha256.ToHex()},
          {"source_bytes", manifest.source_bytes},
          {"packed_file", store.PackedPath(manifest)},
          {"packed_bytes", manifest.packed_bytes},
          {"layout_version", manifest.layout_version},
          {"origin", OriginName(manifest.origin)},
          {"created", FormatTime(manifest.created_unix)}};
}

}  // namespace ledge
