// A Hugging Face folder as the GGUF file that it would be: its header, and its bytes as a stream
// that is made while it is read. Nothing is written, and memory is bounded by the header and a
// piece of one tensor.
//
// The same folder always makes the same bytes, so their SHA-256 names the model as a file's does,
// and `ledge export` gives a GGUF file. What is read: config.json, generation_config.json,
// tokenizer.json, tokenizer_config.json, chat_template.jinja, 1_Pooling/config.json (of
// sentence-transformers), and the weights (hf/checkpoint.h). Source: transformers' file formats;
// keys, names and order of rows are what llama.cpp's converter writes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hf/checkpoint.h"
#include "hf/made_tensor.h"
#include "os/os.h"

namespace ledge {

struct FolderOptions {
  std::optional<TensorType> type;  // the weights', else the checkpoint's own
};

// Whether `path` is a folder, and so to be read as one of these.
Result<bool> IsModelFolder(Os& os, const std::string& path);

// Not thread-safe.
class FolderModel : public TensorOrigins {
 public:
  // kMalformed for a folder without config.json, tokenizer.json or weights; kMalformed and
  // kUnsupported, naming file and field or tensor, for what can't be converted; kNotFound for a
  // shard that is missing. Tensors that are missing are no error yet: whoever reads the model from
  // the header (Model::Describe) knows their shapes, and says so.
  static Result<FolderModel> Open(Os& os, const std::string& folder, const FolderOptions& options);

  // The GGUF file: its header with the padding behind it, and its size in all.
  std::span<const std::byte> lead() const { return lead_; }
  uint64_t file_bytes() const { return file_bytes_; }
  // The next bytes of the file, the header's first; behind it kMalformed at the file's end and if a
  // tensor is missing.
  Result<void> Read(std::span<std::byte> out);
  // kMalformed if a file of weights changed since it was opened.
  Result<void> CheckUnchanged() const { return checkpoint_->CheckUnchanged(); }

  // What messages call the header's keys.
  std::shared_ptr<const KeyOrigins> key_origins() const { return key_origins_; }
  // No tensor is missing.
  bool complete() const { return lacking_.empty(); }
  std::optional<TensorOrigin> OriginOf(std::string_view name,
                                       const TensorShape& shape) const override;
  bool Lacks(std::string_view name) const override;

 private:
  FolderModel() = default;
  Result<void> FillPiece();

  std::unique_ptr<HfCheckpoint> checkpoint_;  // which tensors_ point into
  std::vector<MadeTensor> tensors_;
  std::vector<MadeTensor> lacking_;
  std::shared_ptr<const KeyOrigins> key_origins_;
  std::vector<std::byte> lead_;
  uint64_t file_bytes_ = 0;
  uint64_t position_ = 0;
  // What comes next: a piece of a tensor, or padding.
  std::vector<std::byte> piece_;
  size_t piece_used_ = 0;
  size_t tensor_ = 0;  // the first that is not all in pieces
  uint64_t row_ = 0;   // of it
};

// One stamp for all files that Open would read, which changes if any of them does, or the options;
// nothing if `folder` is none.
std::optional<FileStamp> FolderStamp(Os& os, const std::string& folder,
                                     const FolderOptions& options);

}  // namespace ledge
