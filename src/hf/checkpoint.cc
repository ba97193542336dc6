#include "hf/checkpoint.h"

#include <algorithm>
#include <map>

#include "hf/config.h"
#include "os/file_change.h"
#include "os/path.h"

namespace ledge {
namespace {

constexpr std::string_view kSuffix = ".safetensors";

// A name that can't lead out of the folder.
bool IsPlainName(std::string_view name) {
  return name.size() > kSuffix.size() && name.size() <= 255 && name.ends_with(kSuffix) &&
         !name.starts_with('.') && name.find('/') == std::string_view::npos &&
         name.find('\\') == std::string_view::npos && PrintableLine(name) == name;
}

}  // namespace

Result<std::string> ReadHfFile(Os& os, const std::string& folder, std::string_view name,
                               uint64_t most) {
  const std::string path = JoinPath(folder, name);
  auto file = os.Open(path);
  if (!file.ok() && file.error().code == Code::kNotFound) return std::string();
  if (!file.ok()) return std::move(file).error();
  LEDGE_TRY(const FileStatus status, (*file)->Status());
  if (status.stamp.size > most) {
    return MakeError(Code::kMalformed, "{}: has {} bytes; at most {} are accepted",
                     PrintableLine(path, 400), status.stamp.size, most);
  }
  std::string contents(status.stamp.size, '\0');
  LEDGE_CHECK_OK((*file)->ReadAt(0, std::as_writable_bytes(std::span(contents))));
  return contents;
}

Result<HfCheckpoint> HfCheckpoint::Open(Os& os, const std::string& folder) {
  HfCheckpoint checkpoint;
  checkpoint.folder_ = folder;
  LEDGE_TRY(const std::string index, ReadHfFile(os, folder, kIndexFile, kMaxHfConfigBytes));
  if (index.empty()) {
    auto opened = checkpoint.OpenOne(os, kWeightsFile);
    if (!opened.ok() && opened.error().code == Code::kNotFound) {
      return MakeError(Code::kMalformed, "{}: has no weights; there should be {} or {}",
                       PrintableLine(folder, 400), kWeightsFile, kIndexFile);
    }
    if (!opened.ok()) return std::move(opened).error();
  } else {
    LEDGE_CHECK_OK(checkpoint.OpenShards(os, index));
  }
  std::ranges::sort(checkpoint.tensors_, {}, &HfTensor::name);
  const auto twice = std::ranges::adjacent_find(checkpoint.tensors_, {}, &HfTensor::name);
  if (twice != checkpoint.tensors_.end()) {
    return MakeError(Code::kMalformed, "{}: tensor '{}' is also in {}; it should be in one file",
                     checkpoint.FileOf(twice[0]), PrintableLine(twice->name, 80),
                     checkpoint.FileOf(twice[1]));
  }
  return checkpoint;
}

Result<void> HfCheckpoint::OpenOne(Os& os, std::string_view name) {
  OpenFile opened;
  const std::string path = JoinPath(folder_, name);
  opened.path = PrintableLine(path, 400);
  LEDGE_TRY(opened.file, os.Open(path));
  LEDGE_TRY(const FileStatus status, opened.file->Status());
  opened.stamp = status.stamp;
  LEDGE_TRY(const auto mapping, opened.file->Map());
  const auto bytes = mapping->bytes();
  auto header = SafetensorsHeader::Parse(bytes, bytes.size(), path);
  if (mapping->damaged() || bytes.size() != status.stamp.size) {
    return ChangedWhileRead(opened.path);
  }
  if (!header.ok()) return std::move(header).error();
  for (SafetensorsTensor& tensor : header->tensors) {
    tensors_.push_back({std::move(tensor), static_cast<uint32_t>(files_.size())});
  }
  files_.push_back(std::move(opened));
  return {};
}

Result<void> HfCheckpoint::OpenShards(Os& os, std::string_view index) {
  const std::string path = JoinPath(folder_, kIndexFile);
  LEDGE_TRY(const HfConfig config, HfConfig::Parse(index, path));
  LEDGE_TRY(const auto map, config.Object("weight_map"));
  if (!map) return config.Malformed("weight_map", "is missing; it should name each tensor's file");
  std::map<std::string, uint64_t, std::less<>> shards;  // and how many tensors each should have
  std::vector<std::pair<std::string, std::string>> promised;
  LEDGE_CHECK_OK(map->EachText([&](std::string_view name, std::string_view file) -> Result<void> {
    if (!IsPlainName(file)) {
      return map->Malformed(name,
                            fmt::format("is \"{}\"; it should be the name of a .safetensors file "
                                        "in the same folder",
                                        PrintableLine(file, 80)));
    }
    ++shards[std::string(file)];
    promised.emplace_back(name, JoinPath(folder_, file));
    return {};
  }));
  if (shards.empty() || shards.size() > kMaxShards) {
    return config.Malformed("weight_map", fmt::format("names {} files; there should be 1 to {}",
                                                      shards.size(), kMaxShards));
  }
  for (const auto& [name, count] : shards) {
    const size_t before = tensors_.size();
    auto opened = OpenOne(os, name);
    if (!opened.ok() && opened.error().code == Code::kNotFound) {
      return MakeError(Code::kNotFound, "{}: is missing; {} names {} files, all in one folder",
                       PrintableLine(JoinPath(folder_, name), 400), kIndexFile, shards.size());
    }
    if (!opened.ok()) return opened;
    if (tensors_.size() - before != count) {
      return config.Malformed("weight_map",
                              fmt::format("gives {} tensors to {}; that file has {}", count,
                                          PrintableLine(name, 80), tensors_.size() - before));
    }
    if (tensors_.size() > kMaxSafetensors) {
      return config.Malformed("weight_map",
                              fmt::format("names more than {} tensors in all", kMaxSafetensors));
    }
  }
  std::ranges::sort(tensors_, {}, &HfTensor::name);
  for (const auto& [name, file] : promised) {
    const HfTensor* const tensor = Find(name);
    if (tensor == nullptr || files_[tensor->file].path != PrintableLine(file, 400)) {
      return map->Malformed(name, fmt::format("is \"{}\"; that file has no such tensor",
                                              PrintableLine(BaseName(file), 80)));
    }
  }
  return {};
}

const HfTensor* HfCheckpoint::Find(std::string_view name) const {
  const auto at = std::ranges::lower_bound(tensors_, name, {}, &HfTensor::name);
  return at != tensors_.end() && at->name == name ? &*at : nullptr;
}

Result<void> HfCheckpoint::Read(const HfTensor& tensor, uint64_t at,
                                std::span<std::byte> out) const {
  return files_[tensor.file].file->ReadAt(tensor.offset + at, out);
}

Result<void> HfCheckpoint::CheckUnchanged() const {
  for (const OpenFile& opened : files_) {
    LEDGE_TRY(const FileStatus status, opened.file->Status());
    if (status.stamp != opened.stamp) {
      return ChangedWhileRead(opened.path);
    }
  }
  return {};
}

}  // namespace ledge
