// Reads a source file once, front to back, hashing on the way.
#pragma once

#include <memory>
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

  const std::string& path() const { return path_; }
  const FileStamp& stamp() const { return stamp_; }
  uint64_t size() const { return stamp_.size; }
  uint64_t position() const { return position_; }

  // The next out.size() bytes. kInterrupted when `progress` asks for it,
  // kMalformed at the file's end.
  Result<void> Read(std::span<std::byte> out);
  // When all was read: its digest, or kMalformed if the file changed since Open.
  Result<Digest> Finish();

 private:
  SourceReader(std::string path, std::unique_ptr<File> file, FileStamp stamp,
               const Progress& progress)
      : path_(std::move(path)), file_(std::move(file)), stamp_(stamp), progress_(progress) {}

  std::string path_;
  std::unique_ptr<File> file_;
  FileStamp stamp_;
  const Progress& progress_;
  uint64_t position_ = 0;
  Sha256 sha_;
};

}  // namespace ledge
