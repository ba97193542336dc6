#include "residency/model_index.h"

#include <set>

#include "store/catalogue.h"
#include "store/import.h"
#include "store/model_reference.h"

namespace ledge {
namespace {

ServedModel FromManifest(const Manifest& manifest) {
  return {.name = manifest.name.ToString(),
          .reference = manifest.name.ToString(),
          .bytes = manifest.packed_bytes,
          .manifest = manifest};
}

// By its catalogue's full name where an alias was given.
Result<Manifest> FindManifest(const Store& store, const ModelName& name) {
  auto manifest = store.Find(name);
  if (manifest.ok() || manifest.error().code != Code::kNotFound) return manifest;
  const CatalogueEntry* entry = FindInCatalogue(name.ToString());
  if (entry == nullptr) return manifest;
  LEDGE_TRY(const ModelName full, ParseModelName(entry->name));
  return store.Find(full);
}

}  // namespace

Result<ServedModel> ModelIndex::Add(const std::string& reference) {
  const char* home = std::getenv("HOME");
  LEDGE_TRY(const ModelReference resolved,
            ResolveModel(os_, store_, reference, home == nullptr ? "" : home));
  if (!resolved.is_path) {
    auto manifest = FindManifest(store_, resolved.name);
    if (manifest.ok()) return FromManifest(*manifest);
    if (manifest.error().code != Code::kNotFound) return std::move(manifest).error();
    return MakeError(
        Code::kNotFound,
        "no model '{}' in the store {}; 'ledge list' shows what is there, 'ledge pull' "
        "fetches more",
        resolved.name.ToString(), store_.home());
  }
  // What it is its worker tells.
  LEDGE_TRY(const FileStatus status, os_.Status(resolved.path));
  static_cast<void>(status);
  ServedModel model{.name = SuggestModelName(resolved.path).ToString(), .reference = resolved.path};
  files_[model.name] = model;
  return model;
}

ServedModel ModelIndex::Described(ServedModel model) const {
  if (model.manifest) return model;
  const auto digest = KnownSource(os_, store_, model.reference);
  if (!digest) return model;
  const auto stored = store_.FindBySource(*digest);
  if (!stored.ok() || stored->empty()) return model;
  model.manifest = stored->front();
  model.bytes = stored->front().packed_bytes;
  return model;
}

ApiResult<ServedModel> ModelIndex::Find(const std::string& name) const {
  const auto parsed = ParseModelName(name);
  if (!parsed.ok()) return ModelNotFound(name);
  if (const auto file = files_.find(parsed->ToString()); file != files_.end()) return file->second;
  const auto manifest = FindManifest(store_, *parsed);
  if (manifest.ok()) return FromManifest(*manifest);
  return ModelNotFound(name);
}

ApiResult<ServedModel> ModelIndex::FindServing(const std::string& name) const {
  auto found = Find(name);
  if (!found.ok() || !found->manifest) return found;
  for (const auto& [file_name, file] : files_) {
    const ServedModel described = Described(file);
    if (described.manifest && described.manifest->source_sha256 == found->manifest->source_sha256)
      return file;
  }
  return found;
}

std::vector<ServedModel> ModelIndex::List() const {
  std::vector<ServedModel> models;
  std::set<Digest> sources;
  std::set<std::string> unknown;  // files without one: the store doesn't trust the latest seconds'
  for (const auto& [name, model] : files_) {
    models.push_back(Described(model));
    if (const auto& manifest = models.back().manifest) {
      sources.insert(manifest->source_sha256);
    } else {
      unknown.insert(name);
    }
  }
  if (const auto listing = store_.List(); listing.ok()) {
    for (const Manifest& manifest : listing->models) {
      const bool file =
          files_.contains(manifest.name.ToString()) ||
          (manifest.origin == Origin::kRun &&
           (sources.contains(manifest.source_sha256) || unknown.contains(manifest.name.name)));
      if (!file) models.push_back(FromManifest(manifest));
    }
  }
  return models;
}

}  // namespace ledge
