#include "pack/source_reader.h"

namespace ledge {

Result<std::unique_ptr<SourceReader>> SourceReader::Open(Os& os, const std::string& path,
                                                         const Progress& progress) {
  LEDGE_TRY(auto file, os.Open(path));
  LEDGE_TRY(const FileStatus status, file->Status());
  return std::unique_ptr<SourceReader>(
      new SourceReader(path, std::move(file), status.stamp, progress));
}

Result<void> SourceReader::Read(std::span<std::byte> out) {
  if (progress_ && !progress_(position_, size())) {
    return MakeError(Code::kInterrupted, "{}: stopped at byte {} of {}", PrintableLine(path_, 200),
                     position_, size());
  }
  LEDGE_CHECK_OK(file_->ReadAt(position_, out));
  sha_.Update(out);
  position_ += out.size();
  return {};
}

Result<Digest> SourceReader::Finish() {
  LEDGE_TRY(const FileStatus status, file_->Status());
  if (status.stamp != stamp_ || position_ != size()) {
    return MakeError(Code::kMalformed,
                     "{} changed while it was read; try again when nobody writes to it",
                     PrintableLine(path_, 200));
  }
  if (progress_) progress_(position_, size());
  return sha_.Finish();
}

}  // namespace ledge
