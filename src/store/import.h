// Models into the store and back: the store's rules (store.h) around the packing of pack/.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hf/folder_model.h"
#include "pack/packed_model.h"
#include "store/store.h"

namespace ledge {

// The digest that the source at `path` (a file, one of the parts of a split one, or a folder) had
// when the store read it, if it has not changed since.
std::optional<Digest> KnownSource(Os& os, const Store& store, const std::string& path,
                                  const FolderOptions& options = {});

// Packs what is at `request.source_path`, a GGUF file, a part of a split one or a folder of
// safetensors, unless the store has it already, and gives it `request.name`. What this build can't
// run is refused from its header (kMalformed, kUnsupported), before anything of the store is
// touched.
Result<Manifest> ImportModel(Os& os, const Store& store, PutRequest request,
                             const Progress& progress, const FolderOptions& options = {});

// Packs it into private memory, by the same rules: nothing is stored.
Result<std::shared_ptr<const PackedModel>> PackPrivately(Os& os, const std::string& path,
                                                         const Progress& progress);

// Packs a stored model of an older layout again, from its own bytes, beside the old packed file,
// and lets the manifest's name stand for the new one; the old one goes when no name refers to it
// any more. Whatever fails, the old one stays as it is. kNotFound if the name stands for something
// else by now.
Result<Manifest> RepackStored(Os& os, const Store& store, const Manifest& manifest,
                              const Progress& progress, std::function<bool()> stop);

// The packed file behind a manifest, mapped. Messages about its metadata call it by the manifest's
// names.
Result<std::shared_ptr<const PackedModel>> OpenStored(Os& os, const Store& store,
                                                      const Manifest& manifest,
                                                      PackLayouts layouts = PackLayouts::kCurrent);

// Reads all of it: the packed file's contents are what was packed. kVerification if not.
Result<void> VerifyStored(Os& os, const Store& store, const ModelName& name,
                          const Progress& progress);

// Writes the source file to `path`, bit for bit.
Result<void> ExportStored(Os& os, const Store& store, const ModelName& name,
                          const std::string& path, const Progress& progress);

}  // namespace ledge
