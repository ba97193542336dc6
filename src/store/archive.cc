#include "store/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <vector>

namespace ledge {
namespace {

constexpr size_t kBlockBytes = 1 << 20;
constexpr int kMaxMembers = 100000;

struct CloseArchive {
  void operator()(archive* open) const { archive_read_free(open); }
};
using Archive = std::unique_ptr<archive, CloseArchive>;

Error Problem(const std::string& path, archive* open) {
  const char* reason = archive_error_string(open);
  return MakeError(Code::kMalformed, "{}: not a readable archive ({})", path,
                   reason == nullptr ? "unknown" : reason);
}

Result<uint64_t> CopyData(archive* open, const std::string& path, uint64_t max_bytes,
                          PendingFile& out) {
  std::vector<std::byte> block(kBlockBytes);
  uint64_t total = 0;
  while (true) {
    const la_ssize_t got = archive_read_data(open, block.data(), block.size());
    if (got < 0) return Problem(path, open);
    if (got == 0) return total;
    const auto bytes = static_cast<uint64_t>(got);
    if (bytes > max_bytes - total) {
      return MakeError(Code::kMalformed,
                       "{}: the member is larger than the {} bytes it should have", path,
                       max_bytes);
    }
    LEDGE_CHECK_OK(out.WriteAt(total, std::span(block).first(bytes)));
    total += bytes;
  }
}

}  // namespace

Result<uint64_t> ExtractMember(const std::string& archive_path, const std::string& member,
                               uint64_t max_bytes, PendingFile& out) {
  const Archive open(archive_read_new());
  archive_read_support_format_zip(open.get());
  archive_read_support_format_tar(open.get());
  archive_read_support_filter_gzip(open.get());
  if (archive_read_open_filename(open.get(), archive_path.c_str(), kBlockBytes) != ARCHIVE_OK) {
    return Problem(archive_path, open.get());
  }
  for (int i = 0; i < kMaxMembers; ++i) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(open.get(), &entry);
    if (status == ARCHIVE_EOF) break;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return Problem(archive_path, open.get());
    const char* name = archive_entry_pathname(entry);
    if (name != nullptr && member == name)
      return CopyData(open.get(), archive_path, max_bytes, out);
  }
  return MakeError(Code::kNotFound, "{}: has no member '{}'", archive_path,
                   PrintableLine(member, 200));
}

}  // namespace ledge
