// The structs of the packed file as they lie on disk (little-endian). A change of any of them, or
// of a panel layout in kernels/layout/, or of what tokenizer tables say, needs a new
// kPackLayoutVersion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "os/sha256.h"

namespace ledge {

inline constexpr char kPackMagic[8] = {'L', 'E', 'D', 'G', 'E', 'P', 'A', 'K'};
inline constexpr uint64_t kPackSectionAlignment = 64;

struct PackSection {
  uint64_t offset = 0;  // in the packed file
  uint64_t bytes = 0;
};

// At offset 0. The sections follow in the order of the members, without overlap.
struct PackFileHeader {
  char magic[8] = {};
  uint32_t layout_version = 0;
  uint32_t tensor_count = 0;
  uint64_t file_bytes = 0;
  uint64_t source_bytes = 0;
  Digest source_digest;
  PackSection source;
  PackSection tables;
  PackSection directory;  // tensor_count of PackTensorEntry
  PackSection weights;
  PackSection gap_bytes;
  PackSection gap_list;  // of PackGapEntry
  Digest tables_digest;
  uint64_t unused[4] = {};
  Digest digest;  // PackDigest
};
static_assert(sizeof(PackFileHeader) == 256 && std::is_trivially_copyable_v<PackFileHeader>);
static_assert(offsetof(PackFileHeader, source) == 64 && offsetof(PackFileHeader, digest) == 224);

// In the order of the source's tensor list.
struct PackTensorEntry {
  uint32_t form = 0;  // TensorForm
  uint32_t unused = 0;
  uint64_t offset = 0;  // in the weights section
  uint64_t bytes = 0;
};
static_assert(sizeof(PackTensorEntry) == 24 && std::is_trivially_copyable_v<PackTensorEntry>);

// A run of source bytes that belong to no tensor; ascending, their bytes one behind another in
// gap_bytes. The list ends with an entry of no bytes at the source's end.
struct PackGapEntry {
  uint64_t source_offset = 0;
  uint64_t bytes = 0;
};
static_assert(sizeof(PackGapEntry) == 16 && std::is_trivially_copyable_v<PackGapEntry>);

// A gap of at most this length is dropped if it is all zero, and rebuilt by Export. Longer ones are
// stored whatever they hold, so that a packed file of some size can't claim a source of any size.
inline constexpr uint64_t kMaxDroppedGapBytes = 1 << 16;

// SHA-256 of everything in the header before `digest`, and of the directory.
Digest PackDigest(const PackFileHeader& header, std::span<const std::byte> directory);

}  // namespace ledge
