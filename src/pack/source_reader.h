// Reads a source once, front to back, hashing on the way: a file, what a packed file of an older
// layout was made of, parts of a split file (split_source.h), or a folder (folder_source.h).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "os/os.h"
#include "os/sha256.h"
#include "pack/packed_model.h"

namespace ledge {

// Not thread-safe.
class SourceReader {
 public:
  // `progress` must outlive the reader; it may be empty.
  static Result<std::unique_ptr<SourceReader>> Open(Os& os, const std::string& path,
                                                    const Progress& progress);
  static std::unique_ptr<SourceReader> Of(std::shared_ptr<const PackedModel> packed,
                                          const Progress& progress);
  virtual ~SourceReader() = default;

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }
  uint64_t position() const { return position_; }
  // Of a file.
  virtual std::optional<FileStamp> stamp() const { return std::nullopt; }

  // The next out.size() bytes. kInterrupted when `progress` asks for it,
  // kMalformed at the source's end.
  Result<void> Read(std::span<std::byte> out);
  // When all was read: its digest, or kMalformed if the file changed since Open, or kVerification
  // if the packed file no longer holds what was packed.
  Result<Digest> Finish();

 protected:
  SourceReader(std::string path, uint64_t size, const Progress& progress)
      : path_(std::move(path)), size_(size), progress_(progress) {}

 private:
  virtual Result<void> Fill(std::span<std::byte> out) = 0;
  virtual Result<void> CheckWhole(const Digest& digest) = 0;

  std::string path_;
  uint64_t size_;
  const Progress& progress_;
  uint64_t position_ = 0;
  Sha256 sha_;
};

}  // namespace ledge
