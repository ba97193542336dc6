#include "pack/rebuild.h"

namespace ledge {

Result<void> PackedModel::Export(PendingFile& out, const Progress& progress) const {
  const SourceSink write = [&out](uint64_t offset, std::span<const std::byte> piece) {
    return out.WriteAt(offset, piece);
  };
  return RebuildSource(*this, write, progress);
}

}  // namespace ledge
