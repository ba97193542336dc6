#include "store/small_file.h"

namespace ledge {

Result<std::string> ReadSmall(Os& os, const std::string& path, size_t max_bytes) {
  LEDGE_TRY(const auto file, os.Open(path));
  LEDGE_TRY(const FileStatus status, file->Status());
  if (status.stamp.size > max_bytes) {
    return MakeError(Code::kMalformed, "'{}' has {} bytes; at most {} are expected",
                     PrintableLine(path, 400), status.stamp.size, max_bytes);
  }
  std::string contents(status.stamp.size, '\0');
  LEDGE_CHECK_OK(file->ReadAt(0, std::as_writable_bytes(std::span(contents))));
  return contents;
}

Result<void> WriteSmall(Os& os, const std::string& path, std::string_view contents) {
  LEDGE_TRY(const auto file, os.Create(path));
  LEDGE_CHECK_OK(file->WriteAt(0, std::as_bytes(std::span(contents))));
  return file->Commit();
}

}  // namespace ledge
