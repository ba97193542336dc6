#include "pack/packer.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "base/units.h"
#include "os/file_change.h"
#include "pack/folder_source.h"
#include "pack/split_source.h"
#include "quant/quant.h"
#include "tokenizer/tables.h"

namespace ledge {
namespace {

// Where the source's data begins, from a first look through a mapping: nobody knows a header's
// length before it is parsed, and a mapping costs nothing for what is not touched.
Result<uint64_t> MeasureLead(Os& os, const std::string& path) {
  LEDGE_TRY(const auto mapping, os.Map(path));
  const auto bytes = mapping->bytes();
  auto header = GgufHeader::Parse(bytes, bytes.size(), path);
  if (mapping->damaged()) return ChangedWhileRead(path);
  if (!header.ok()) return std::move(header).error();
  return LeadBytes(*header, bytes.size());
}

// The tables, empty where there is no vocabulary or none that this build can read: such a file can
// still be kept, looked at and exported, and whoever wants its tokenizer is told then.
Result<std::vector<std::byte>> TablesOf(const GgufHeader& header) {
  if (header.Find("tokenizer.ggml.model") == nullptr) return std::vector<std::byte>();
  auto vocab = ReadVocab(header);
  if (!vocab.ok() && vocab.error().code == Code::kUnsupported) return std::vector<std::byte>();
  if (!vocab.ok()) return std::move(vocab).error();
  return BuildTables(*vocab);
}

bool AllZero(std::span<const std::byte> bytes) {
  return bytes.empty() || (bytes[0] == std::byte{0} &&
                           std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

Result<Packer> Packer::Open(Os& os, const std::string& source_path, const Progress& progress,
                            const FolderOptions& options) {
  Packer packer;
  LEDGE_TRY(const bool is_folder, IsModelFolder(os, source_path));
  if (is_folder) {
    LEDGE_TRY(FolderSource folder, OpenFolderSource(os, source_path, options, progress));
    packer.source_ = std::move(folder.reader);
    packer.origins_ = folder.origins;
    LEDGE_CHECK_OK(packer.ReadLead(folder.lead_bytes));
    packer.header_.CallKeys(std::move(folder.key_origins));
    return packer;
  }
  if (options.type) {
    return MakeError(Code::kUsage,
                     "{}: is a GGUF file, whose weights stay as they are; --type is for folders of "
                     "safetensors",
                     PrintableLine(source_path, 400));
  }
  LEDGE_TRY(packer.source_, SourceReader::Open(os, source_path, progress));
  LEDGE_TRY(const uint64_t lead, MeasureLead(os, source_path));
  LEDGE_CHECK_OK(packer.ReadLead(lead));
  if (IsSplit(packer.header_)) {
    LEDGE_TRY(SplitSource split, OpenSplit(os, source_path, progress));
    packer.source_ = std::move(split.reader);
    LEDGE_CHECK_OK(packer.ReadLead(split.lead_bytes));
  }
  return packer;
}

Result<Packer> Packer::Reopen(std::shared_ptr<const PackedModel> packed, const Progress& progress) {
  Packer packer;
  const uint64_t lead = LeadBytes(packed->header(), packed->source_bytes());
  packer.source_ = SourceReader::Of(std::move(packed), progress);
  LEDGE_CHECK_OK(packer.ReadLead(lead));
  return packer;
}

Result<void> Packer::ReadLead(uint64_t lead) {
  const uint64_t size = source_->size();
  if (lead > size) return ChangedWhileRead(source_->path());
  lead_.resize(lead);
  LEDGE_CHECK_OK(source_->Read(lead_));
  LEDGE_TRY(header_, GgufHeader::Parse(lead_, size, source_->path()));
  if (LeadBytes(header_, size) != lead) return ChangedWhileRead(source_->path());
  return {};
}

Result<void> Packer::Plan() {
  LEDGE_TRY(tables_, TablesOf(header_));
  LEDGE_TRY(plan_, PlanPack(header_, source_->size(), tables_.size()));
  return {};
}

Result<PackReport> Packer::Run(PendingFile& out) {
  LEDGE_CHECK_OK(out.WriteAt(plan_.source.offset, lead_));
  LEDGE_CHECK_OK(out.WriteAt(plan_.tables.offset, tables_));
  LEDGE_CHECK_OK(out.WriteAt(plan_.directory.offset, std::as_bytes(std::span(plan_.entries))));
  for (const uint32_t i : plan_.order) {
    const GgufTensor& tensor = header_.tensors()[i];
    LEDGE_CHECK_OK(PassGap(tensor.offset, out));
    LEDGE_CHECK_OK(PackTensor(tensor, plan_.entries[i], out));
  }
  LEDGE_CHECK_OK(PassGap(source_->size(), out));
  return WriteFrame(out);
}

Result<void> Packer::PackTensor(const GgufTensor& tensor, const PackTensorEntry& entry,
                                PendingFile& out) {
  const uint64_t to = plan_.weights.offset + entry.offset;
  if (entry.form == static_cast<uint32_t>(TensorForm::kPanels)) return PackPanels(tensor, to, out);
  return CopyRaw(tensor, to, out);
}

Result<void> Packer::CheckValues(const GgufTensor& tensor, std::span<const std::byte> bytes,
                                 uint64_t at) const {
  auto checked = CheckFinite(tensor.type, bytes, tensor.name, at / Info(tensor.type).block_bytes);
  if (checked.ok()) return checked;
  const auto origin =
      origins_ == nullptr
          ? std::nullopt
          : origins_->OriginOf(tensor.name, {tensor.dims[0], tensor.dims[1], tensor.dims[2]});
  if (!origin) return std::move(checked).WithContext(header_.file());
  // Which of its values it is depends on how the tensor was made.
  return MakeError(Code::kMalformed,
                   "{}: tensor '{}' has a value that is NaN or infinite; every weight should be "
                   "finite",
                   origin->file, PrintableLine(origin->tensor, 80));
}

Result<void> Packer::CopyRaw(const GgufTensor& tensor, uint64_t to, PendingFile& out) {
  const uint64_t block = Info(tensor.type).block_bytes;
  const uint64_t piece = kPieceBytes / block * block;
  for (uint64_t at = 0; at < tensor.bytes; at += piece) {
    in_.resize(std::min(piece, tensor.bytes - at));
    LEDGE_CHECK_OK(source_->Read(in_));
    LEDGE_CHECK_OK(CheckValues(tensor, in_, at));
    LEDGE_CHECK_OK(out.WriteAt(to + at, in_));
  }
  return {};
}

Result<void> Packer::PackPanels(const GgufTensor& tensor, uint64_t to, PendingFile& out) {
  const PanelLayout& layout = *FindPanelLayout(tensor.type);
  const auto cols = static_cast<uint32_t>(tensor.dims[0]);
  const uint64_t row_bytes = tensor.bytes / tensor.rows();
  const uint64_t panel_bytes = PanelBytes(tensor.type, cols);
  const uint64_t piece_rows =
      std::max<uint64_t>(1, kPieceBytes / (row_bytes * kPanelRows)) * kPanelRows;
  for (uint64_t row = 0; row < tensor.rows(); row += piece_rows) {
    const uint64_t rows = std::min(piece_rows, tensor.rows() - row);
    in_.resize(rows * row_bytes);
    LEDGE_CHECK_OK(source_->Read(in_));
    LEDGE_CHECK_OK(CheckValues(tensor, in_, row * row_bytes));
    panels_.resize(CeilDiv(rows, kPanelRows) * panel_bytes);
    for (uint64_t r = 0; r < rows; r += kPanelRows) {
      const auto count = static_cast<uint32_t>(std::min<uint64_t>(kPanelRows, rows - r));
      layout.pack(in_.data() + r * row_bytes, row_bytes, count, cols,
                  panels_.data() + r / kPanelRows * panel_bytes);
    }
    LEDGE_CHECK_OK(out.WriteAt(to, panels_));
    to += panels_.size();
  }
  return {};
}

// Everything up to source offset `end` that is in no tensor.
Result<void> Packer::PassGap(uint64_t end, PendingFile& out) {
  const uint64_t bytes = end - source_->position();
  if (bytes == 0) return {};
  if (bytes > kMaxDroppedGapBytes) return CopyGap(bytes, out);
  const uint64_t begin = source_->position();
  in_.resize(bytes);
  LEDGE_CHECK_OK(source_->Read(in_));
  if (AllZero(in_)) return {};
  LEDGE_CHECK_OK(out.WriteAt(plan_.weights.offset + plan_.weights.bytes + gap_bytes_, in_));
  gaps_.push_back({begin, bytes});
  gap_bytes_ += bytes;
  return {};
}

Result<void> Packer::CopyGap(uint64_t bytes, PendingFile& out) {
  gaps_.push_back({source_->position(), bytes});
  for (uint64_t left = bytes; left > 0;) {
    in_.resize(std::min(left, kPieceBytes));
    LEDGE_CHECK_OK(source_->Read(in_));
    LEDGE_CHECK_OK(out.WriteAt(plan_.weights.offset + plan_.weights.bytes + gap_bytes_, in_));
    gap_bytes_ += in_.size();
    left -= in_.size();
  }
  return {};
}

// The gap list and the fixed header, which are known last.
Result<PackReport> Packer::WriteFrame(PendingFile& out) {
  LEDGE_TRY(const Digest digest, source_->Finish());
  gaps_.push_back({source_->size(), 0});
  PackFileHeader header;
  std::memcpy(header.magic, kPackMagic, sizeof(kPackMagic));
  header.layout_version = kPackLayoutVersion;
  header.tensor_count = static_cast<uint32_t>(plan_.entries.size());
  header.source_bytes = source_->size();
  header.source_digest = digest;
  header.source = plan_.source;
  header.tables = plan_.tables;
  header.directory = plan_.directory;
  header.weights = plan_.weights;
  header.gap_bytes = {plan_.weights.offset + plan_.weights.bytes, gap_bytes_};
  header.gap_list = {AlignUp(header.gap_bytes.offset + gap_bytes_, kPackSectionAlignment),
                     gaps_.size() * sizeof(PackGapEntry)};
  header.file_bytes = header.gap_list.offset + header.gap_list.bytes;
  header.tables_digest = Sha256Of(tables_);
  header.digest = PackDigest(header, std::as_bytes(std::span(plan_.entries)));

  LEDGE_CHECK_OK(out.WriteAt(header.gap_list.offset, std::as_bytes(std::span(gaps_))));
  LEDGE_CHECK_OK(out.WriteAt(0, std::as_bytes(std::span(&header, 1))));
  return PackReport{digest, header.source_bytes, header.file_bytes};
}

Result<PackReport> PackGguf(Os& os, const std::string& source_path, PendingFile& out,
                            const Progress& progress) {
  LEDGE_TRY(Packer packer, Packer::Open(os, source_path, progress));
  LEDGE_CHECK_OK(packer.Plan());
  return packer.Run(out);
}

}  // namespace ledge
