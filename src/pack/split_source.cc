#include "pack/split_source.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "base/checked.h"
#include "gguf/gguf_writer.h"
#include "gguf/split_name.h"
#include "os/file_change.h"

namespace ledge {
namespace {

constexpr char kPartKey[] = "split.no";
constexpr char kCountKey[] = "split.count";
constexpr char kTensorsKey[] = "split.tensors.count";

struct Part {
  std::string path;
  std::unique_ptr<File> file;
  FileStamp stamp;
  std::unique_ptr<Mapping> mapping;  // while the header is read
  GgufHeader header;
};

// Bytes of the merged file that are in a part, or zeros.
struct Stretch {
  uint64_t begin = 0;  // in the merged file
  uint64_t bytes = 0;
  size_t part = 0;
  uint64_t offset = 0;  // in the part
};

class SplitReader final : public SourceReader {
 public:
  SplitReader(const std::string& path, uint64_t size, std::vector<std::byte> lead,
              std::vector<Part> parts, std::vector<Stretch> stretches, const Progress& progress)
      : SourceReader(path, size, progress),
        lead_(std::move(lead)),
        parts_(std::move(parts)),
        stretches_(std::move(stretches)) {}

 private:
  Result<void> Fill(std::span<std::byte> out) override {
    uint64_t at = position();
    while (!out.empty()) {
      LEDGE_TRY(const uint64_t done, FillSome(at, out));
      out = out.subspan(done);
      at += done;
    }
    return {};
  }

  // At least a byte.
  Result<uint64_t> FillSome(uint64_t at, std::span<std::byte> out) {
    if (at < lead_.size()) {
      const uint64_t bytes = std::min<uint64_t>(out.size(), lead_.size() - at);
      std::memcpy(out.data(), lead_.data() + at, bytes);
      return bytes;
    }
    while (next_ < stretches_.size() && at >= stretches_[next_].begin + stretches_[next_].bytes)
      ++next_;
    if (next_ == stretches_.size() || at < stretches_[next_].begin) {
      const uint64_t end = next_ == stretches_.size() ? size() : stretches_[next_].begin;
      if (at >= end) return ChangedWhileRead(path());
      const uint64_t bytes = std::min<uint64_t>(out.size(), end - at);
      std::memset(out.data(), 0, bytes);
      return bytes;
    }
    const Stretch& stretch = stretches_[next_];
    const uint64_t into = at - stretch.begin;
    const uint64_t bytes = std::min<uint64_t>(out.size(), stretch.bytes - into);
    LEDGE_CHECK_OK(parts_[stretch.part].file->ReadAt(stretch.offset + into, out.first(bytes)));
    return bytes;
  }

  Result<void> CheckWhole(const Digest&) override {
    for (const Part& part : parts_) {
      LEDGE_TRY(const FileStatus status, part.file->Status());
      if (status.stamp != part.stamp) return ChangedWhileRead(part.path);
    }
    return {};
  }

  std::vector<std::byte> lead_;
  std::vector<Part> parts_;
  std::vector<Stretch> stretches_;
  size_t next_ = 0;  // of stretches_: the one at or behind position()
};

Result<Part> OpenPart(Os& os, const std::string& path) {
  Part part;
  part.path = path;
  LEDGE_TRY(part.file, os.Open(path));
  LEDGE_TRY(const FileStatus status, part.file->Status());
  part.stamp = status.stamp;
  LEDGE_TRY(part.mapping, part.file->Map());
  const auto bytes = part.mapping->bytes();
  auto header = GgufHeader::Parse(bytes, bytes.size(), path);
  if (part.mapping->damaged()) return ChangedWhileRead(path);
  if (!header.ok()) return std::move(header).error();
  part.header = std::move(*header);
  return part;
}

// That a part is what its name says.
Result<void> CheckPart(const Part& part, uint32_t index, uint32_t count) {
  LEDGE_TRY(const uint64_t number, part.header.Unsigned(kPartKey));
  LEDGE_TRY(const uint64_t parts, part.header.Unsigned(kCountKey));
  if (parts != count) {
    return part.header.Malformed(
        kCountKey, fmt::format("is {}; by the file's name it should be {}", parts, count));
  }
  if (number != index) {
    return part.header.Malformed(
        kPartKey, fmt::format("is {}; by the file's name it should be {}", number, index));
  }
  return {};
}

Result<std::vector<Part>> OpenParts(Os& os, const SplitName& name) {
  std::vector<Part> parts;
  for (uint32_t i = 0; i < name.count; ++i) {
    const std::string path = name.Path(i);
    auto part = OpenPart(os, path);
    if (!part.ok() && part.error().code == Code::kNotFound) {
      return MakeError(Code::kNotFound,
                       "{}: is missing; the model is in {} parts, all in one folder",
                       PrintableLine(path, 400), name.count);
    }
    if (!part.ok()) return std::move(part).error();
    LEDGE_CHECK_OK(CheckPart(*part, i, name.count));
    parts.push_back(std::move(*part));
  }
  return parts;
}

// No tensor twice, and as many in all as every part promises.
Result<void> CheckTensors(const std::vector<Part>& parts) {
  std::map<std::string_view, const Part*> seen;
  for (const Part& part : parts) {
    for (const GgufTensor& tensor : part.header.tensors()) {
      const auto [at, fresh] = seen.emplace(tensor.name, &part);
      if (!fresh) {
        return MakeError(
            Code::kMalformed, "{}: tensor '{}' is also in {}; it should be in one part",
            part.header.file(), PrintableLine(tensor.name, 80), at->second->header.file());
      }
    }
    if (seen.size() > kMaxGgufTensors) {
      return MakeError(Code::kMalformed, "{}: the parts have more than {} tensors",
                       part.header.file(), kMaxGgufTensors);
    }
  }
  for (const Part& part : parts) {
    LEDGE_TRY(const uint64_t promised, part.header.Unsigned(kTensorsKey));
    if (promised != seen.size()) {
      return part.header.Malformed(kTensorsKey, fmt::format("is {}; the {} parts have {}", promised,
                                                            parts.size(), seen.size()));
    }
  }
  return {};
}

Result<SplitSource> Merge(const std::string& path, std::vector<Part> parts,
                          const Progress& progress) {
  std::vector<std::byte> lead;
  const uint32_t alignment = parts[0].header.alignment();
  GgufWriter writer(
      [&](std::span<const std::byte> bytes) -> Result<void> {
        lead.insert(lead.end(), bytes.begin(), bytes.end());
        return {};
      },
      alignment);
  for (const auto& [key, value] : parts[0].header.metadata()) {
    if (!key.starts_with("split.") && key != "general.alignment") writer.AddValue(key, value);
  }
  for (const Part& part : parts) {
    for (const GgufTensor& tensor : part.header.tensors()) {
      LEDGE_CHECK_OK(
          writer.AddTensor(tensor.name, tensor.type, std::span(tensor.dims).first(tensor.n_dims))
              .WithContext(part.header.file()));
    }
  }
  LEDGE_CHECK_OK(writer.Begin());
  std::vector<Stretch> stretches;
  uint64_t at = lead.size();
  for (size_t i = 0; i < parts.size(); ++i) {
    for (const GgufTensor& tensor : parts[i].header.tensors()) {
      if (tensor.bytes > 0) stretches.push_back({at, tensor.bytes, i, tensor.offset});
      at = AlignUp(at + tensor.bytes, alignment);  // within the writer's size, which was checked
    }
  }
  for (Part& part : parts) {
    if (part.mapping->damaged()) return ChangedWhileRead(part.path);
    part.header = {};
    part.mapping.reset();
  }
  const uint64_t lead_bytes = lead.size();
  return SplitSource{
      std::make_unique<SplitReader>(path, writer.file_bytes(), std::move(lead), std::move(parts),
                                    std::move(stretches), progress),
      lead_bytes};
}

}  // namespace

bool IsSplit(const GgufHeader& header) { return header.Unsigned(kCountKey, 0).value_or(0) > 1; }

Result<SplitSource> OpenSplit(Os& os, const std::string& path, const Progress& progress) {
  const auto name = ParseSplitName(path);
  if (!name) {
    return MakeError(Code::kMalformed,
                     "{}: is one of several parts, so its name should end like "
                     "'-00001-of-00003.gguf' (at most {} parts)",
                     PrintableLine(path, 400), kMaxGgufParts);
  }
  LEDGE_TRY(std::vector<Part> parts, OpenParts(os, *name));
  LEDGE_CHECK_OK(CheckTensors(parts));
  return Merge(path, std::move(parts), progress);
}

std::optional<FileStamp> SplitStamp(Os& os, const std::string& path) {
  const auto name = ParseSplitName(path);
  if (!name || name->count < 2) return std::nullopt;
  std::vector<FileStamp> stamps;
  for (uint32_t i = 0; i < name->count; ++i) {
    const auto status = os.Status(name->Path(i));
    if (!status.ok() || status->kind != FileKind::kRegular) return std::nullopt;
    stamps.push_back(status->stamp);
  }
  // The digest of all of it stands where a file has its number.
  const Digest digest = Sha256Of(std::as_bytes(std::span(stamps)));
  FileStamp all = stamps[0];
  std::memcpy(&all.inode, digest.bytes.data(), sizeof(all.inode));
  for (const FileStamp& stamp : std::span(stamps).subspan(1)) {
    all.size += stamp.size;
    all.modified_ns = std::max(all.modified_ns, stamp.modified_ns);
    all.changed_ns = std::max(all.changed_ns, stamp.changed_ns);
  }
  return all;
}

}  // namespace ledge
