// Packed files and the models in them, from bytes nobody vouches for.
//
// The first byte chooses: a packed file (its digest made right, or nothing would get past it),
// which is opened, loaded, verified and exported, and used on when half of it turns to zeros, as a
// mapping does that is cut; or a GGUF file, which is packed and, if it can be, has to come back bit
// for bit.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "model/layer_groups.h"
#include "model/memory_needs.h"
#include "model/model.h"
#include "pack/format.h"
#include "testing/packing.h"
#include "tokenizer/tokenizer.h"

namespace ledge {
namespace {

using testing::CapturedFile;

// Export writes what it rebuilds; a crafted file may ask for more than is worth writing here.
constexpr uint64_t kMaxExportBytes = 16 << 20;

void Seal(std::vector<std::byte>& packed) {
  PackFileHeader header;
  if (packed.size() < sizeof(header)) return;
  std::memcpy(&header, packed.data(), sizeof(header));
  std::memcpy(header.magic, kPackMagic, sizeof(kPackMagic));
  header.layout_version = kPackLayoutVersion;
  const PackSection at = header.directory;
  if (at.offset > packed.size() || at.bytes > packed.size() - at.offset) return;
  header.digest = PackDigest(header, std::span(packed).subspan(at.offset, at.bytes));
  std::memcpy(packed.data(), &header, sizeof(header));
}

uint64_t Touch(std::span<const std::byte> bytes) {
  uint64_t sum = 0;
  for (const std::byte byte : bytes) sum += static_cast<uint64_t>(byte);
  return sum;
}

uint64_t Use(const ModelSpec& spec) {
  uint64_t sum = spec.layers.size();
  for (const LayerSpec& layer : spec.layers) {
    for (const VectorWeights& norm : {layer.attention_norm.weight, layer.feed_forward_norm.weight})
      sum += Touch(std::as_bytes(std::span(norm.data, norm.size)));
    if (layer.query.rows == 0) continue;
    std::vector<float> row(layer.query.cols);
    FindPanelLayout(layer.query.type)
        ->decode_row(layer.query.data, 0, layer.query.cols, row.data());
  }
  return sum + LayerGroups(spec, KvType::kF16).size();
}

void Encode(const Tokenizer& tokenizer) {
  const auto ids = tokenizer.Encode("ab <s> h\u00e9llo\xFF 12", {.parse_special = true});
  if (ids.ok()) (void)tokenizer.Decode(*ids);
}

void TryPacked(std::span<const std::byte> bytes) {
  std::vector<std::byte> packed(bytes.begin(), bytes.end());
  Seal(packed);
  auto mapping = std::make_unique<testing::HeapMapping>(packed);
  const std::span<std::byte> mapped = mapping->writable();
  auto opened = PackedModel::FromMapping(std::move(mapping), "packed", PackLayouts::kCurrent);
  if (!opened.ok()) return;
  for (const PackedTensor& tensor : (*opened)->tensors()) Touch(tensor.data);
  Touch((*opened)->tokenizer_tables());
  if ((*opened)->source_bytes() <= kMaxExportBytes) {
    CapturedFile out;
    const bool exported = (*opened)->Export(out, {}).ok();
    const bool verified = (*opened)->Verify({}).ok();
    if (out.committed || (verified && !exported)) __builtin_trap();
    if (exported && out.bytes.size() != (*opened)->source_bytes()) __builtin_trap();
  }
  const auto tokenizer =
      Tokenizer::Open((*opened)->tokenizer_tables(), TokenTextsOf((*opened)->header()));
  const auto model = Model::Load(*opened);
  if (model.ok()) {
    Use((*model)->spec());
    (void)MemoryNeedsOf((*opened)->header(), (*model)->spec(), KvType::kQ8, 4096, 7);
  }
  for (const size_t kept : {mapped.size() / 2, size_t{0}}) {
    if (tokenizer.ok()) Encode(*tokenizer);
    if (model.ok()) Use((*model)->spec());
    std::ranges::fill(mapped.subspan(kept), std::byte{0});
  }
  if (tokenizer.ok()) Encode(*tokenizer);
  if ((*opened)->Verify({}).ok()) __builtin_trap();
}

void TrySource(std::span<const std::byte> bytes) {
  const auto os = testing::OsWithSource(bytes);
  const auto packed = PackToMemory(*os, testing::kSourcePath, {});
  if (!packed.ok()) return;
  CapturedFile out;
  const bool same = (*packed)->Verify({}).ok() && (*packed)->Export(out, {}).ok() &&
                    std::ranges::equal(out.bytes, bytes);
  if (!same) __builtin_trap();
  const auto model = Model::Load(*packed);
  if (!model.ok()) return;
  Use((*model)->spec());
  (void)MemoryNeedsOf((*packed)->header(), (*model)->spec(), KvType::kF16,
                      (*model)->spec().trained_context, UINT32_MAX);
}

}  // namespace
}  // namespace ledge

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size));
  if (data[0] % 2 == 0) {
    ledge::TryPacked(bytes.subspan(1));
  } else {
    ledge::TrySource(bytes.subspan(1));
  }
  return 0;
}
