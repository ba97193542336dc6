// The packed file: a model's weights in the kernels' order, immutable, mapped shared by every process.
//
//   0        fixed header: magic "LEDGEPAK", layout version, sizes and offsets of the sections, the source's
//            SHA-256 and size, and a digest of header and directory
//   source   the source's own header, verbatim (metadata and tensor list: parsed again at every start)
//   gaps     bytes of the source between and after tensors that are not zero padding (usually none)
//   tables   tokenizer tables (tokenizer/tokenizer.h); empty where the source has no vocabulary
//   dir      one fixed-size entry a tensor: form, offset, bytes
//   weights  begins at a multiple of 2 MiB; each tensor at a multiple of 64 bytes
//
// Nothing in it depends on the machine's page size: 4, 16 and 64 KiB pages all map it from offset 0.
// `Export` rebuilds the source from it bit for bit, so no second copy is kept.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "gguf/gguf.h"
#include "kernels/panel.h"
#include "os/os.h"
#include "os/sha256.h"

namespace ledge {

inline constexpr uint32_t kPackLayoutVersion = 1;

enum class TensorForm : uint32_t {
  kRaw = 0,     // the source's bytes: 1-D tensors, and types without a panel layout
  kPanels = 1,  // kernels/panel.h
};

struct PackedTensor {
  const GgufTensor* source = nullptr;  // name, type, dims
  TensorForm form = TensorForm::kRaw;
  std::span<const std::byte> data;
  // For kPanels: dims[0] columns, all other dims as rows.
  PanelMatrix matrix() const;
};

// Tells how far a long work is; returning false asks to stop (kInterrupted).
using Progress = std::function<bool(uint64_t done_bytes, uint64_t total_bytes)>;

struct PackReport {
  Digest source_digest;
  uint64_t source_bytes = 0;
  uint64_t packed_bytes = 0;
};

// Reads `source_path` once, front to back; checks all of it (format, finiteness of weights and scales, the
// vocabulary); writes the packed form to `out` without committing it. Memory stays bounded by a few panels
// and the header. A source that changes while it is read is kMalformed.
Result<PackReport> PackGguf(Os& os, const std::string& source_path, PendingFile& out, const Progress& progress);

class PackedModel {
 public:
  // Maps and checks header, directory and bounds; reads no weights.
  static Result<std::shared_ptr<const PackedModel>> Open(Os& os, const std::string& path);

  const std::string& path() const { return path_; }
  const GgufHeader& header() const { return header_; }
  const Digest& source_digest() const { return source_digest_; }
  uint64_t source_bytes() const { return source_bytes_; }
  uint64_t packed_bytes() const;
  uint64_t weight_bytes() const;  // of all tensors
  const PackedTensor* Find(std::string_view name) const;
  std::span<const std::byte> tokenizer_tables() const { return tables_; }
  // The file shrank or its disk failed under the mapping: nothing computed since can be trusted.
  bool damaged() const { return mapping_->damaged(); }
  Mapping& mapping() const { return *mapping_; }

  // Writes the source file again and checks its SHA-256 (kVerification) before committing.
  Result<void> Export(PendingFile& out, const Progress& progress) const;
  // Rebuilds the source's SHA-256 without writing it.
  Result<void> Verify(const Progress& progress) const;

 private:
  friend class PackedModelLoader;
  std::string path_;
  std::unique_ptr<Mapping> mapping_;
  GgufHeader header_;
  Digest source_digest_;
  uint64_t source_bytes_ = 0;
  std::span<const std::byte> tables_;
  std::vector<PackedTensor> tensors_;
  std::unordered_map<std::string_view, size_t> index_;
};

}  // namespace ledge
