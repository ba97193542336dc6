#include "pack/source_reader.h"

#include <algorithm>
#include <cstring>

#include "os/file_change.h"
#include "pack/rebuild.h"

namespace ledge {
namespace {

class FileReader final : public SourceReader {
 public:
  FileReader(const std::string& source_path, std::unique_ptr<File> file, const FileStamp& stamp,
             const Progress& progress)
      : SourceReader(source_path, stamp.size, progress), file_(std::move(file)), stamp_(stamp) {}

  std::optional<FileStamp> stamp() const override { return stamp_; }

 private:
  Result<void> Fill(std::span<std::byte> out) override { return file_->ReadAt(position(), out); }
  Result<void> CheckWhole(const Digest&) override {
    LEDGE_TRY(const FileStatus status, file_->Status());
    if (status.stamp == stamp_) return {};
    return ChangedWhileRead(path());
  }

  std::unique_ptr<File> file_;
  FileStamp stamp_;
};

class RebuiltReader final : public SourceReader {
 public:
  RebuiltReader(std::shared_ptr<const PackedModel> packed, const Progress& progress)
      : SourceReader(packed->path(), packed->source_bytes(), progress),
        packed_(std::move(packed)),
        rebuilder_(*packed_) {}

 private:
  Result<void> Fill(std::span<std::byte> out) override {
    while (!out.empty()) {
      if (rest_.empty()) {
        LEDGE_TRY(rest_, rebuilder_.Next());
      }
      const size_t bytes = std::min(rest_.size(), out.size());
      if (bytes == 0) {
        return MakeError(Code::kMalformed, "{}: its source ended at byte {}",
                         PrintableLine(path(), 200), rebuilder_.position());
      }
      std::memcpy(out.data(), rest_.data(), bytes);
      rest_ = rest_.subspan(bytes);
      out = out.subspan(bytes);
    }
    return {};
  }
  Result<void> CheckWhole(const Digest& digest) override { return CheckRebuilt(*packed_, digest); }

  std::shared_ptr<const PackedModel> packed_;
  SourceRebuilder rebuilder_;
  std::span<const std::byte> rest_;
};

}  // namespace

Result<std::unique_ptr<SourceReader>> SourceReader::Open(Os& os, const std::string& path,
                                                         const Progress& progress) {
  LEDGE_TRY(auto file, os.Open(path));
  LEDGE_TRY(const FileStatus status, file->Status());
  return std::unique_ptr<SourceReader>(
      std::make_unique<FileReader>(path, std::move(file), status.stamp, progress));
}

std::unique_ptr<SourceReader> SourceReader::Of(std::shared_ptr<const PackedModel> packed,
                                               const Progress& progress) {
  return std::make_unique<RebuiltReader>(std::move(packed), progress);
}

Result<void> SourceReader::Read(std::span<std::byte> out) {
  if (progress_ && !progress_(position_, size())) {
    return MakeError(Code::kInterrupted, "{}: stopped at byte {} of {}", PrintableLine(path_, 200),
                     position_, size());
  }
  LEDGE_CHECK_OK(Fill(out));
  sha_.Update(out);
  position_ += out.size();
  return {};
}

Result<Digest> SourceReader::Finish() {
  if (position_ != size_) {
    return ChangedWhileRead(path_);
  }
  const Digest digest = sha_.Finish();
  LEDGE_CHECK_OK(CheckWhole(digest));
  if (progress_) progress_(position_, size());
  return digest;
}

}  // namespace ledge
