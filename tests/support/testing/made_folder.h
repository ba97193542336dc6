// A folder on a made-up machine as the GGUF file that it becomes.
#pragma once

#include <string_view>
#include <vector>

#include "gguf/gguf.h"
#include "hf/folder_model.h"
#include "quant/quant.h"
#include "testing/tiny_folder.h"

namespace ledge::testing {

inline constexpr char kMadeFolder[] = "/models/tiny";

struct MadeFolder {
  std::vector<std::byte> bytes;
  GgufHeader header;

  // Decoded; empty if there is no such tensor.
  std::vector<float> Values(std::string_view name) const {
    const GgufTensor* const tensor = header.FindTensor(name);
    if (tensor == nullptr) return {};
    std::vector<float> values(tensor->values());
    DecodeRow(tensor->type, bytes.data() + tensor->offset, values.size(), values.data());
    return values;
  }
};

inline Result<FolderModel> OpenFolder(const TinyFolder& folder, const FolderOptions& options = {}) {
  fault::FaultOs os;
  folder.Put(os, kMadeFolder);
  return FolderModel::Open(os, kMadeFolder, options);
}

inline Result<MadeFolder> MakeFolder(const TinyFolder& folder, const FolderOptions& options = {}) {
  LEDGE_TRY(FolderModel model, OpenFolder(folder, options));
  MadeFolder made;
  made.bytes.resize(model.file_bytes());
  LEDGE_CHECK_OK(model.Read(made.bytes));
  LEDGE_TRY(made.header, GgufHeader::Parse(made.bytes, made.bytes.size(), "made"));
  return made;
}

}  // namespace ledge::testing
