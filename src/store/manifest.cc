#include "store/manifest.h"

#include <fmt/chrono.h>
#include <time.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "store/json_fields.h"

namespace ledge {
namespace {

using nlohmann::json;

constexpr uint64_t kFormat = 1;
constexpr const char* kTimeFormat = "%Y-%m-%dT%H:%M:%SZ";
constexpr Origin kOrigins[] = {Origin::kImport, Origin::kRun, Origin::kPull};

std::string Text(std::string_view text) {
  text = text.substr(0, kMaxManifestText);
  return Utf8Sanitized(text.substr(0, Utf8CompletePrefix(text)));
}

Result<int64_t> ParseTime(const std::string& text) {
  struct tm parts = {};
  const char* const end = ::strptime(text.c_str(), kTimeFormat, &parts);
  if (end == nullptr || *end != '\0') {
    return MakeError(Code::kMalformed,
                     "created '{}' is not a time; it looks like 2026-01-31T12:00:00Z",
                     PrintableLine(text, 80));
  }
  return int64_t{::timegm(&parts)};
}

Result<Origin> ParseOrigin(const std::string& text) {
  for (const Origin origin : kOrigins) {
    if (OriginName(origin) == text) return origin;
  }
  return MakeError(Code::kMalformed, "origin is '{}'; it is import, run or pull",
                   PrintableLine(text, 80));
}

Result<Manifest> FromDocument(const json& document, const ModelName& name) {
  LEDGE_TRY(const uint64_t format, NumberField(document, "format"));
  if (format > kFormat) {
    return MakeError(Code::kUnsupported,
                     "format is {}, written by a newer ledge; this one knows {}", format, kFormat);
  }
  Manifest manifest;
  manifest.name = name;
  LEDGE_TRY(manifest.source_file, TextField(document, "source_file"));
  LEDGE_TRY(const std::string sha256, TextField(document, "source_sha256"));
  LEDGE_TRY(manifest.source_sha256, Digest::FromHex(sha256));
  LEDGE_TRY(manifest.source_bytes, NumberField(document, "source_bytes"));
  if (document.contains("source_stamp")) {
    LEDGE_TRY(manifest.source_stamp, StampFromJson(document["source_stamp"]));
  }
  LEDGE_TRY(manifest.architecture, TextField(document, "architecture"));
  LEDGE_TRY(manifest.parameters, NumberField(document, "parameters"));
  LEDGE_TRY(manifest.quantisation, TextField(document, "quantisation"));
  LEDGE_TRY(manifest.licence, TextField(document, "licence"));
  LEDGE_TRY(const uint64_t layout, NumberField(document, "layout_version"));
  if (layout > UINT32_MAX) return MakeError(Code::kMalformed, "layout_version is {}", layout);
  manifest.layout_version = static_cast<uint32_t>(layout);
  LEDGE_TRY(manifest.packed_bytes, NumberField(document, "packed_bytes"));
  LEDGE_TRY(const std::string created, TextField(document, "created"));
  LEDGE_TRY(manifest.created_unix, ParseTime(created));
  LEDGE_TRY(const std::string origin, TextField(document, "origin"));
  LEDGE_TRY(manifest.origin, ParseOrigin(origin));
  LEDGE_TRY(const std::string packed, TextField(document, "packed_file"));
  if (packed != manifest.PackedFile()) {
    return MakeError(Code::kMalformed, "packed_file is '{}'; it must be {}",
                     PrintableLine(packed, 100), manifest.PackedFile());
  }
  return manifest;
}

}  // namespace

std::string_view OriginName(Origin origin) {
  constexpr std::string_view kNames[] = {"import", "run", "pull"};
  return kNames[static_cast<size_t>(origin)];
}

std::string PackedFileName(const Digest& source_sha256, uint32_t layout_version) {
  return fmt::format("{}-v{}.ledge", source_sha256.ToHex(), layout_version);
}

bool IsPackedFileName(std::string_view file) {
  constexpr std::string_view kSuffix = ".ledge";
  if (file.size() < 64 + 3 + kSuffix.size() || file.size() > 64 + 12 + kSuffix.size()) return false;
  if (!Digest::FromHex(file.substr(0, 64)).ok() || file.substr(64, 2) != "-v") return false;
  if (!file.ends_with(kSuffix)) return false;
  const std::string_view version = file.substr(66, file.size() - 66 - kSuffix.size());
  return !version.empty() && version.find_first_not_of("0123456789") == version.npos;
}

std::string Manifest::PackedFile() const { return PackedFileName(source_sha256, layout_version); }

std::string ManifestToJson(const Manifest& manifest) {
  json document = {
      {"format", kFormat},
      {"name", manifest.name.ToString()},
      {"source_file", Text(manifest.source_file)},
      {"source_sha256", manifest.source_sha256.ToHex()},
      {"source_bytes", manifest.source_bytes},
      {"architecture", Text(manifest.architecture)},
      {"parameters", manifest.parameters},
      {"quantisation", Text(manifest.quantisation)},
      {"licence", Text(manifest.licence)},
      {"layout_version", manifest.layout_version},
      {"packed_file", manifest.PackedFile()},
      {"packed_bytes", manifest.packed_bytes},
      {"created", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(time_t{manifest.created_unix}))},
      {"origin", OriginName(manifest.origin)},
  };
  if (manifest.source_stamp) document["source_stamp"] = StampToJson(*manifest.source_stamp);
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<Manifest> ManifestFromJson(std::string_view text, const ModelName& name,
                                  std::string_view path) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) {
    return MakeError(Code::kMalformed,
                     "manifest '{}' is not a JSON object; remove the model and import it again",
                     PrintableLine(path, 400));
  }
  return FromDocument(document, name)
      .WithContext(fmt::format("manifest '{}'", PrintableLine(path, 400)));
}

}  // namespace ledge
