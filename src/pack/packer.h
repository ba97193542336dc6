// Packing in steps, so that a caller can look at the source's header before anything is done, and
// know the packed size before there is a place to write it to: Open, Plan, Run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hf/folder_model.h"
#include "pack/packed_model.h"
#include "pack/plan.h"
#include "pack/source_reader.h"

namespace ledge {

// One packing of one source. Not thread-safe.
class Packer {
 public:
  // Reads and checks the source's header: of a GGUF file, a part of a split one, or a folder (to
  // which alone the options apply; kUsage else). `progress` must outlive the packer; it may be
  // empty.
  static Result<Packer> Open(Os& os, const std::string& source_path, const Progress& progress,
                             const FolderOptions& options = {});
  // The same from what a packed file of any known layout was made of. Run checks that it still
  // holds that (kVerification).
  static Result<Packer> Reopen(std::shared_ptr<const PackedModel> packed, const Progress& progress);

  // As long as the packer stays where it is or is moved.
  const GgufHeader& header() const { return header_; }
  // What the header's tensors are made of, if it is not the source's own; lives as long.
  const TensorOrigins* origins() const { return origins_; }
  uint64_t source_bytes() const { return source_->size(); }
  // The state of the file that is being read; Run fails if it is left. None for a packed file and
  // for a source of several files.
  std::optional<FileStamp> source_stamp() const { return source_->stamp(); }

  // Builds the tokenizer tables and gives everything its place.
  Result<void> Plan();
  // The packed size at most. After Plan.
  uint64_t most_bytes() const { return plan_.most_bytes; }
  // Once, after Plan. Reads and checks the rest, writes everything.
  Result<PackReport> Run(PendingFile& out);

 private:
  Packer() = default;

  // The first `lead` bytes, which hold the header.
  Result<void> ReadLead(uint64_t lead);
  Result<void> PackTensor(const GgufTensor& tensor, const PackTensorEntry& entry, PendingFile& out);
  Result<void> CopyRaw(const GgufTensor& tensor, uint64_t to, PendingFile& out);
  Result<void> PackPanels(const GgufTensor& tensor, uint64_t to, PendingFile& out);
  Result<void> CheckValues(const GgufTensor& tensor, std::span<const std::byte> bytes,
                           uint64_t at) const;
  Result<void> PassGap(uint64_t end, PendingFile& out);
  Result<void> CopyGap(uint64_t bytes, PendingFile& out);
  Result<PackReport> WriteFrame(PendingFile& out);

  std::unique_ptr<SourceReader> source_;
  const TensorOrigins* origins_ = nullptr;  // a part of source_
  std::vector<std::byte> lead_;             // what header_ points into
  GgufHeader header_;
  std::vector<std::byte> tables_;
  PackPlan plan_;
  std::vector<PackGapEntry> gaps_;
  uint64_t gap_bytes_ = 0;         // in all of gaps_
  std::vector<std::byte> in_;      // a piece of the source
  std::vector<std::byte> panels_;  // the same, packed
};

// Plan, and Run into private memory instead of a file (`--no-store`): nothing reaches a disk.
Result<std::shared_ptr<const PackedModel>> PackToMemory(Os& os, Packer& packer);

}  // namespace ledge
