#include "residency/model_index.h"

#include "store/catalogue.h"
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
  LEDGE_TRY(const FileStatus status, os_.Status(resolved.path));
  if (status.kind == FileKind::kDirectory) {
    return MakeError(Code::kUnsupported,
                     "{}: is a folder; give a GGUF file or a name from 'ledge list'",
                     resolved.path);
  }
  ServedModel model{.name = SuggestModelName(resolved.path).ToString(), .reference = resolved.path};
  // Absolute, so that it means the same to a worker.
  files_[model.name] = model;
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

std::vector<ServedModel> ModelIndex::List() const {
  std::vector<ServedModel> models;
  for (const auto& [name, model] : files_) models.push_back(model);
  if (const auto listing = store_.List(); listing.ok()) {
    for (const Manifest& manifest : listing->models) {
      if (!files_.contains(manifest.name.ToString())) models.push_back(FromManifest(manifest));
    }
  }
  return models;
}

}  // namespace ledge
