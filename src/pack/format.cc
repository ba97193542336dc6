#include "pack/format.h"

namespace ledge {

Digest PackDigest(const PackFileHeader& header, std::span<const std::byte> directory) {
  Sha256 sha;
  sha.Update(std::as_bytes(std::span(&header, 1)).first(offsetof(PackFileHeader, digest)));
  sha.Update(directory);
  return sha.Finish();
}

}  // namespace ledge
