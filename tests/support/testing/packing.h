// Packs bytes without touching a disk, and catches what is written.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "os/fault/fault_os.h"
#include "os/os.h"
#include "pack/format.h"
#include "pack/packed_model.h"

namespace ledge::testing {

// Keeps what is written.
class CapturedFile final : public PendingFile {
 public:
  Result<void> WriteAt(uint64_t offset, std::span<const std::byte> data) override {
    if (bytes.size() < offset + data.size()) bytes.resize(offset + data.size());
    if (!data.empty()) std::memcpy(bytes.data() + offset, data.data(), data.size());
    return {};
  }
  Result<void> Commit() override {
    committed = true;
    return {};
  }
  Result<void> CommitAs(const std::string&) override { return Commit(); }

  std::vector<std::byte> bytes;
  bool committed = false;
};

// Private memory that ends where its bytes end, so that sanitizers see a read behind them.
class HeapMapping final : public Mapping {
 public:
  explicit HeapMapping(std::span<const std::byte> bytes)
      : size_(bytes.size()), bytes_(static_cast<std::byte*>(::operator new(size_, kAlignment))) {
    if (size_ > 0) std::memcpy(bytes_.get(), bytes.data(), size_);
  }
  std::span<const std::byte> bytes() const override { return {bytes_.get(), size_}; }
  std::span<std::byte> writable() override { return {bytes_.get(), size_}; }
  bool damaged() const override { return false; }
  void Advise(uint64_t, uint64_t, Advice) override {}

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(std::byte* bytes) const { ::operator delete(bytes, kAlignment); }
  };
  size_t size_;
  std::unique_ptr<std::byte, Free> bytes_;
};

inline constexpr char kSourcePath[] = "/source.gguf";

inline std::string_view AsText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A machine whose disk holds the source.
inline std::unique_ptr<fault::FaultOs> OsWithSource(std::span<const std::byte> gguf) {
  auto os = std::make_unique<fault::FaultOs>();
  os->Put(kSourcePath, AsText(gguf));
  return os;
}

// The packed file of a source.
inline Result<std::vector<std::byte>> PackedFileOf(std::span<const std::byte> gguf) {
  const auto os = OsWithSource(gguf);
  CapturedFile file;
  LEDGE_CHECK_OK(PackGguf(*os, kSourcePath, file, {}));
  return std::move(file.bytes);
}

inline Result<std::shared_ptr<const PackedModel>> OpenPacked(
    std::span<const std::byte> packed, PackLayouts layouts = PackLayouts::kCurrent) {
  return PackedModel::FromMapping(std::make_unique<HeapMapping>(packed), "packed", layouts);
}

// A packed file as an older build wrote it, in layout 1 or 2. Tables of the first are nothing that
// could be read here; those of the second can't be told from ones that are right.
inline std::vector<std::byte> AsOlderLayout(std::vector<std::byte> packed, uint32_t layout) {
  PackFileHeader header;
  std::memcpy(&header, packed.data(), sizeof(header));
  header.layout_version = layout;
  const auto tables = std::span(packed).subspan(header.tables.offset, header.tables.bytes);
  if (layout == 1) std::ranges::fill(tables, std::byte{0xAB});
  header.tables_digest = Sha256Of(tables);
  header.digest = PackDigest(
      header, std::span(packed).subspan(header.directory.offset, header.directory.bytes));
  std::memcpy(packed.data(), &header, sizeof(header));
  return packed;
}

inline Result<std::shared_ptr<const PackedModel>> PackAndOpen(std::span<const std::byte> gguf) {
  LEDGE_TRY(const auto packed, PackedFileOf(gguf));
  return OpenPacked(packed);
}

}  // namespace ledge::testing
