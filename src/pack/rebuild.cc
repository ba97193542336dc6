#include "pack/rebuild.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "base/units.h"
#include "pack/format.h"
#include "pack/plan.h"

namespace ledge {
namespace {

constexpr uint64_t kPieceBytes = 4 * kMiB;

Error NotAsPacked(const PackedModel& packed, std::string_view problem) {
  return MakeError(Code::kVerification, "{}: {}; remove it and import its source again",
                   PrintableLine(packed.path(), 200), problem);
}

// One rebuilding. Everything it reads was only bounds-checked by Open, or not even that (the gaps).
class Rebuilder {
 public:
  Rebuilder(const PackedModel& packed, const SourceSink& sink, const Progress& progress)
      : packed_(packed), sink_(sink), progress_(progress), file_(packed.mapping().bytes()) {
    std::memcpy(&fixed_, file_.data(), sizeof(fixed_));
  }

  Result<void> Run() {
    LEDGE_CHECK_OK(Emit(file_.subspan(fixed_.source.offset, fixed_.source.bytes)));
    for (const uint32_t i : TensorsByOffset(packed_.header())) {
      const PackedTensor& tensor = packed_.tensors()[i];
      LEDGE_CHECK_OK(FillGap(tensor.source->offset));
      LEDGE_CHECK_OK(EmitTensor(tensor));
    }
    LEDGE_CHECK_OK(FillGap(packed_.source_bytes()));
    if (packed_.damaged()) {
      return MakeError(Code::kIo, "{} could not be read: its disk failed or it was cut just now",
                       PrintableLine(packed_.path(), 200));
    }
    if (sha_.Finish() != packed_.source_digest()) {
      return NotAsPacked(
          packed_, "its weights or metadata are damaged (the source's SHA-256 does not come out)");
    }
    if (progress_) progress_(position_, packed_.source_bytes());
    return {};
  }

 private:
  Result<void> Emit(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto piece = bytes.first(std::min<uint64_t>(bytes.size(), kPieceBytes));
      if (progress_ && !progress_(position_, packed_.source_bytes())) {
        return MakeError(Code::kInterrupted, "{}: stopped at byte {} of {}",
                         PrintableLine(packed_.path(), 200), position_, packed_.source_bytes());
      }
      sha_.Update(piece);
      if (sink_) LEDGE_CHECK_OK(sink_(position_, piece));
      position_ += piece.size();
      bytes = bytes.subspan(piece.size());
    }
    return {};
  }

  Result<void> EmitTensor(const PackedTensor& tensor) {
    if (tensor.form == TensorForm::kRaw) return Emit(tensor.data);
    const PanelMatrix matrix = tensor.matrix();
    const PanelLayout& layout = *FindPanelLayout(matrix.type);
    const uint64_t row_bytes = tensor.source->bytes / matrix.rows;
    const uint64_t piece_rows =
        std::max<uint64_t>(1, kPieceBytes / (row_bytes * kPanelRows)) * kPanelRows;
    const std::byte* panel = matrix.data;
    for (uint64_t row = 0; row < matrix.rows; row += piece_rows) {
      const uint64_t rows = std::min(piece_rows, matrix.rows - row);
      piece_.resize(rows * row_bytes);
      for (uint64_t r = 0; r < rows; r += kPanelRows, panel += matrix.panel_bytes()) {
        const auto count = static_cast<uint32_t>(std::min<uint64_t>(kPanelRows, rows - r));
        layout.unpack(panel, count, matrix.cols, row_bytes, piece_.data() + r * row_bytes);
      }
      LEDGE_CHECK_OK(Emit(piece_));
    }
    return {};
  }

  // The source's bytes up to `end`, which no tensor holds: what was kept of them, else zeros.
  Result<void> FillGap(uint64_t end) {
    if (position_ == end) return {};
    PackGapEntry entry;
    LEDGE_TRY(const bool kept, NextGap(end, entry));
    if (kept) {
      const auto bytes = file_.subspan(fixed_.gap_bytes.offset + gap_bytes_used_, entry.bytes);
      gap_bytes_used_ += entry.bytes;
      ++gaps_used_;
      return Emit(bytes);
    }
    if (end - position_ > kMaxDroppedGapBytes)
      return NotAsPacked(packed_, "its gap list is damaged");
    piece_.assign(end - position_, std::byte{0});
    return Emit(piece_);
  }

  // Whether the gap from here to `end` is the next one listed. A list that does not fit ends up as
  // a wrong digest; here it only must not lead outside.
  Result<bool> NextGap(uint64_t end, PackGapEntry& entry) const {
    if (gaps_used_ >= fixed_.gap_list.bytes / sizeof(entry)) return false;
    std::memcpy(&entry, file_.data() + fixed_.gap_list.offset + gaps_used_ * sizeof(entry),
                sizeof(entry));
    if (entry.source_offset != position_ || entry.bytes != end - position_) return false;
    if (entry.bytes > fixed_.gap_bytes.bytes - gap_bytes_used_) {
      return NotAsPacked(packed_, "its gap list is damaged");
    }
    return true;
  }

  const PackedModel& packed_;
  const SourceSink& sink_;
  const Progress& progress_;
  const std::span<const std::byte> file_;
  PackFileHeader fixed_;
  Sha256 sha_;
  uint64_t position_ = 0;  // in the source
  uint64_t gaps_used_ = 0;
  uint64_t gap_bytes_used_ = 0;
  std::vector<std::byte> piece_;
};

}  // namespace

Result<void> RebuildSource(const PackedModel& packed, const SourceSink& sink,
                           const Progress& progress) {
  return Rebuilder(packed, sink, progress).Run();
}

}  // namespace ledge
