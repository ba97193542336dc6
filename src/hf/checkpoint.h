// The weights of a Hugging Face folder: model.safetensors, or the shards that
// model.safetensors.index.json names, as one list of tensors.
//
// Source: transformers' index file: {"metadata": ..., "weight_map": {tensor: file}}. Everything is
// hostile: a shard is a plain file name of this folder, it holds exactly the tensors that the index
// says, and no tensor is in two shards. Other files are never looked at. Headers are read through a
// mapping, data with reads of the open files, which are the ones that were checked.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gguf/safetensors.h"
#include "os/os.h"

namespace ledge {

inline constexpr uint64_t kMaxShards = 1000;

inline constexpr std::string_view kWeightsFile = "model.safetensors";
inline constexpr std::string_view kIndexFile = "model.safetensors.index.json";

// The file's contents, empty if there is none of that name. kMalformed above `most` bytes.
Result<std::string> ReadHfFile(Os& os, const std::string& folder, std::string_view name,
                               uint64_t most);

struct HfTensor : SafetensorsTensor {
  uint32_t file = 0;  // of HfCheckpoint
};

// Not thread-safe.
class HfCheckpoint {
 public:
  // kMalformed if the folder has neither file, kNotFound if it lacks a shard; else as above.
  static Result<HfCheckpoint> Open(Os& os, const std::string& folder);

  const std::string& folder() const { return folder_; }
  const std::vector<HfTensor>& tensors() const { return tensors_; }  // sorted by name
  // nullptr if there is none of that name.
  const HfTensor* Find(std::string_view name) const;
  std::string_view FileOf(const HfTensor& tensor) const { return files_[tensor.file].path; }
  // kMalformed for a tensor that is not there, with the shape that other layers' has.
  Error Missing(std::string_view name) const;

  // Bytes of a tensor from `at` on; `at` and out.size() within it.
  Result<void> Read(const HfTensor& tensor, uint64_t at, std::span<std::byte> out) const;
  // kMalformed if a file is not what it was when it was opened.
  Result<void> CheckUnchanged() const;

 private:
  struct OpenFile {
    std::string path;
    std::unique_ptr<File> file;
    FileStamp stamp;
  };

  Result<void> OpenOne(Os& os, std::string_view name);
  Result<void> OpenShards(Os& os, std::string_view index);

  std::string folder_;
  std::vector<OpenFile> files_;
  std::vector<HfTensor> tensors_;
};

}  // namespace ledge
