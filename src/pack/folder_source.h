// A Hugging Face folder (hf/folder_model.h) as a source: the GGUF file that it would be.
#pragma once

#include <memory>
#include <string>

#include "hf/folder_model.h"
#include "pack/source_reader.h"

namespace ledge {

struct FolderSource {
  std::unique_ptr<SourceReader> reader;
  uint64_t lead_bytes = 0;                 // the header and its padding
  const TensorOrigins* origins = nullptr;  // a part of the reader
  std::shared_ptr<const KeyOrigins> key_origins;
};

// Errors as FolderModel::Open. `progress` must outlive the reader.
Result<FolderSource> OpenFolderSource(Os& os, const std::string& path, const FolderOptions& options,
                                      const Progress& progress);

}  // namespace ledge
