#include <cstring>

#include "pack/packer.h"

namespace ledge {
namespace {

// A file that lies in a mapping and is never seen under a path.
class MemoryFile final : public PendingFile {
 public:
  explicit MemoryFile(std::span<std::byte> bytes) : bytes_(bytes) {}

  Result<void> WriteAt(uint64_t offset, std::span<const std::byte> data) override {
    if (offset > bytes_.size() || data.size() > bytes_.size() - offset) {
      return MakeError(Code::kInternal, "packing wrote {} bytes at {} of {}", data.size(), offset,
                       bytes_.size());
    }
    if (!data.empty()) std::memcpy(bytes_.data() + offset, data.data(), data.size());
    return {};
  }
  Result<void> Commit() override { return {}; }
  Result<void> CommitAs(const std::string&) override { return {}; }

 private:
  std::span<std::byte> bytes_;
};

}  // namespace

Result<std::shared_ptr<const PackedModel>> PackToMemory(Os& os, Packer& packer) {
  LEDGE_CHECK_OK(packer.Plan());
  // Only what is written becomes real memory.
  LEDGE_TRY(auto mapping, os.MapAnonymous(packer.most_bytes()));
  mapping->Advise(0, packer.most_bytes(), Mapping::Advice::kHugePages);
  MemoryFile file(mapping->writable());
  LEDGE_CHECK_OK(packer.Run(file));
  return PackedModel::FromMapping(std::move(mapping), packer.header().file());
}

Result<std::shared_ptr<const PackedModel>> PackToMemory(Os& os, const std::string& source_path,
                                                        const Progress& progress) {
  LEDGE_TRY(Packer packer, Packer::Open(os, source_path, progress));
  return PackToMemory(os, packer);
}

}  // namespace ledge
