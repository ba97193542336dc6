// Any bytes as a safetensors file, and as a folder of a model: parsing the header; where the bytes
// are config.json, a zero, and model.safetensors, converting all of it; where they are an index of
// shards, opening these and no others.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gguf/gguf.h"
#include "gguf/safetensors.h"
#include "hf/checkpoint.h"
#include "hf/folder_model.h"
#include "model/model.h"
#include "testing/safetensors_builder.h"
#include "testing/tiny_folder.h"

namespace {

constexpr uint64_t kMaxMade = 1 << 24;  // bytes of a folder's GGUF file

void CheckMessage(const ledge::Error& error) {
  if (error.message != ledge::PrintableLine(error.message)) __builtin_trap();
}

void ParseOnly(std::span<const std::byte> file) {
  const auto header = ledge::SafetensorsHeader::Parse(file, file.size(), "fuzzed");
  if (!header.ok()) return CheckMessage(header.error());
  for (const ledge::SafetensorsTensor& tensor : header->tensors) {
    if (tensor.offset > file.size() || tensor.bytes > file.size() - tensor.offset) __builtin_trap();
  }
}

// There are files below and above the folder, which no index may reach.
void OpenShards(std::string_view index) {
  using ledge::testing::FloatBytes;
  using ledge::testing::SafetensorsFile;
  ledge::fault::FaultOs os;
  os.Put("/m/a.safetensors", SafetensorsFile({{"a", "F32", {2}, FloatBytes({1, 2})}}));
  os.Put("/m/b.safetensors", SafetensorsFile({{"b", "F32", {1}, FloatBytes({3})}}));
  for (const char* path : {"/c.safetensors", "/m/below/c.safetensors", "/m/c.bin"})
    os.Put(path, SafetensorsFile({{"c", "F32", {1}, FloatBytes({4})}}));
  os.Put("/m/model.safetensors.index.json", index);
  const auto checkpoint = ledge::HfCheckpoint::Open(os, "/m");
  if (!checkpoint.ok()) return CheckMessage(checkpoint.error());
  for (const ledge::HfTensor& tensor : checkpoint->tensors()) {
    const std::string_view path = checkpoint->FileOf(tensor);
    if (path != "/m/a.safetensors" && path != "/m/b.safetensors") __builtin_trap();
  }
}

void Convert(std::string_view config, std::string_view weights) {
  static const ledge::testing::TinyFolder kTiny;
  ledge::testing::TinyFolder folder = kTiny;
  if (!config.empty()) folder.files["config.json"] = config;
  if (!weights.empty()) folder.files["model.safetensors"] = weights;
  ledge::fault::FaultOs os;
  folder.Put(os, "/m");
  auto model = ledge::FolderModel::Open(os, "/m", {});
  if (!model.ok()) return CheckMessage(model.error());
  if (model->file_bytes() > kMaxMade) return;
  const auto header = ledge::GgufHeader::Parse(model->lead(), model->file_bytes(), "made");
  if (!header.ok()) __builtin_trap();
  const auto spec = ledge::Model::Describe(*header, &*model);
  if (!spec.ok()) CheckMessage(spec.error());
  std::vector<std::byte> bytes(model->file_bytes());
  if (const auto read = model->Read(bytes); !read.ok()) {
    CheckMessage(read.error());
    if (model->complete()) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  // A header's length has zeros, a configuration has none.
  if (all.starts_with('{') && all.find("\"weight_map\"") != std::string_view::npos) {
    OpenShards(all);
  } else if (all.starts_with('{')) {
    const size_t zero = all.find('\0');
    Convert(all.substr(0, zero), zero == std::string_view::npos ? "" : all.substr(zero + 1));
  } else {
    ParseOnly(std::as_bytes(std::span(data, size)));
  }
  return 0;
}
