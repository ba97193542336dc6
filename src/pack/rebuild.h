// Turns a packed model of any known layout back into its source, byte for byte.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "pack/format.h"
#include "pack/packed_model.h"

namespace ledge {

// The source's bytes in order, a piece at a time. Everything it reads was only bounds-checked by
// Open, or not even that (the gaps), so whoever takes them all compares their SHA-256. Not
// thread-safe.
class SourceRebuilder {
 public:
  // `packed` must outlive it.
  explicit SourceRebuilder(const PackedModel& packed);

  // The next bytes, at most a few MiB, good until the next call; none at the source's end.
  // kVerification if the packed file contradicts itself.
  Result<std::span<const std::byte>> Next();
  uint64_t position() const { return position_; }

 private:
  std::span<const std::byte> TakePending();
  std::span<const std::byte> UnpackRows();
  void Begin(const PackedTensor& tensor);
  Result<void> FillGap(uint64_t end);
  Result<bool> NextGap(uint64_t end, PackGapEntry& entry) const;

  const PackedModel& packed_;
  const std::span<const std::byte> file_;
  PackFileHeader fixed_;
  std::vector<uint32_t> order_;  // tensors by their place in the source
  size_t next_ = 0;              // in order_
  std::span<const std::byte> pending_;
  const PackedTensor* panels_ = nullptr;  // being unpacked
  uint64_t row_ = 0;                      // of panels_
  uint64_t position_ = 0;                 // in the source
  uint64_t gaps_used_ = 0;
  uint64_t gap_bytes_used_ = 0;
  std::vector<std::byte> piece_;
};

// Takes the source's bytes in order, one piece behind another.
using SourceSink = std::function<Result<void>(uint64_t offset, std::span<const std::byte> piece)>;

// Hands the whole source to `sink` (if any), in pieces of a few MiB, and checks its SHA-256:
// kVerification naming the packed file if it is another one, kIo if the mapping was damaged
// meanwhile, kInterrupted where `progress` says so.
Result<void> RebuildSource(const PackedModel& packed, const SourceSink& sink,
                           const Progress& progress);

// What has come out of a packed file is its source: kIo or kVerification if not.
Result<void> CheckRebuilt(const PackedModel& packed, const Digest& rebuilt);

}  // namespace ledge
