// The packed file: a model's weights in the kernels' order, immutable, mapped shared by every
// process.
//
//   0        fixed header: magic "LEDGEPAK", layout version, the sections' places, the source's
//            SHA-256 and size, a digest of the tables, a digest of this header and the directory
//            (pack/format.h)
//   source   the source's own beginning, verbatim: metadata, tensor list and the padding up to its
//            data; parsed again at every start
//   tables   tokenizer tables (tokenizer/tokenizer.h), which refer to texts in the source's part;
//   empty where the source has no vocabulary, or
//            one of a kind this build cannot read
//   dir      one fixed-size entry a tensor: form, offset, bytes
//   weights  each tensor at a multiple of 64 bytes, big ones of 4096, in the source's order
//   gaps     bytes of the source between and behind its tensors that are not short zero padding,
//            then the list of where they belong (usually none)
//
// Sections are aligned to 64 bytes, the weights to 2 MiB where that costs little (pack/plan.cc).
// Nothing in it depends on the machine's page size: 4, 16 and 64 KiB pages all map it from offset
// 0. Export rebuilds the source from it bit for bit, so no second copy is kept.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gguf/gguf.h"
#include "kernels/panel.h"
#include "os/os.h"
#include "os/sha256.h"

namespace ledge {

// 1: the tokenizer tables held copies of all texts. 2: they refer to those in the source's header.
// 3: they say what texts are normalised to and which tokens take white space along; tables without
// that look alike and would give other tokens.
inline constexpr uint32_t kPackLayoutVersion = 3;
// Files from here on are read for what their source was: shown, verified, exported, packed again.
inline constexpr uint32_t kOldestPackLayoutVersion = 1;
enum class PackLayouts { kCurrent, kAnyKnown };

enum class TensorForm : uint32_t {
  kRaw = 0,     // the source's bytes: 1-D tensors, and types without a panel layout
  kPanels = 1,  // kernels/panel.h
};

struct PackedTensor {
  const GgufTensor* source = nullptr;  // name, type, dims
  TensorForm form = TensorForm::kRaw;
  std::span<const std::byte> data;  // 64-byte aligned
  // Only for kPanels: dims[0] columns; all rows, of several matrices one behind the other.
  PanelMatrix matrix() const;
};

// Tells how far a long work is; returning false asks to stop (kInterrupted).
using Progress = std::function<bool(uint64_t done_bytes, uint64_t total_bytes)>;

struct PackReport {
  Digest source_digest;
  uint64_t source_bytes = 0;
  uint64_t packed_bytes = 0;
};

// Reads `source_path` once, front to back; checks all of it (format, finiteness
// of weights and scales, the vocabulary); writes the packed form to `out`
// without committing it. Memory stays bounded by a few MiB of panels and the
// header. kMalformed or kUnsupported for what is no model file, kMalformed for a
// source that changes while it is read, kInterrupted where `progress` says so.
Result<PackReport> PackGguf(Os& os, const std::string& source_path, PendingFile& out,
                            const Progress& progress);

// Immutable; any thread may read it.
class PackedModel {
 public:
  // Maps and checks header, directory and bounds; reads no weights and allocates nothing that grows
  // with the vocabulary. kMalformed for a file that is cut, damaged or no packed file, kUnsupported
  // for a layout version that `layouts` doesn't take. What is not covered by the digest of header
  // and directory (metadata, tables, weights) is read as hostile by whoever reads it; Verify checks
  // all of it. `model`: what messages about the source's metadata call it; the path if empty, whose
  // name is a digest in a store.
  static Result<std::shared_ptr<const PackedModel>> Open(
      Os& os, const std::string& path, PackLayouts layouts = PackLayouts::kCurrent,
      std::string_view model = {});
  // The same over a mapping that begins with a packed file; `name` is how errors call it.
  static Result<std::shared_ptr<const PackedModel>> FromMapping(
      std::unique_ptr<Mapping> mapping, std::string name,
      PackLayouts layouts = PackLayouts::kCurrent, std::string_view model = {});

  // Where it was opened, or the name FromMapping was given.
  const std::string& path() const { return path_; }
  const GgufHeader& header() const { return header_; }
  uint32_t layout_version() const { return layout_version_; }
  const Digest& source_digest() const { return source_digest_; }
  uint64_t source_bytes() const { return source_bytes_; }
  uint64_t packed_bytes() const { return packed_bytes_; }
  uint64_t weight_bytes() const;  // of all tensors
  // In the order of the source's tensor list.
  std::span<const PackedTensor> tensors() const { return tensors_; }
  // nullptr if there is none of that name.
  const PackedTensor* Find(std::string_view name) const;
  // Empty in an older layout, too.
  std::span<const std::byte> tokenizer_tables() const { return tables_; }
  // The file shrank or its disk failed under the mapping: nothing computed since can be trusted.
  bool damaged() const { return mapping_->damaged(); }
  Mapping& mapping() const { return *mapping_; }

  // Writes the source file again, for the caller to commit, and checks its SHA-256; kVerification
  // if the packed file no longer holds what was packed.
  Result<void> Export(PendingFile& out, const Progress& progress) const;
  // Rebuilds the source's SHA-256 without writing it, and checks the tables and all padding:
  // kVerification if any byte of the packed file is not as it was written.
  Result<void> Verify(const Progress& progress) const;

 private:
  friend class PackedModelOpener;
  PackedModel() = default;

  std::string path_;
  std::unique_ptr<Mapping> mapping_;
  GgufHeader header_;
  uint32_t layout_version_ = 0;
  Digest source_digest_;
  uint64_t source_bytes_ = 0;
  uint64_t packed_bytes_ = 0;
  std::span<const std::byte> tables_;
  std::vector<PackedTensor> tensors_;
};

// The same into private memory, as pack/packer.h tells.
Result<std::shared_ptr<const PackedModel>> PackToMemory(Os& os, const std::string& source_path,
                                                        const Progress& progress);

}  // namespace ledge
