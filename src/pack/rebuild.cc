#include "pack/rebuild.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "base/units.h"
#include "pack/plan.h"

namespace ledge {
namespace {

Error NotAsPacked(const PackedModel& packed, std::string_view problem) {
  return MakeError(Code::kVerification, "{}: {}; remove it and import its source again",
                   PrintableLine(packed.path(), 200), problem);
}

}  // namespace

SourceRebuilder::SourceRebuilder(const PackedModel& packed)
    : packed_(packed), file_(packed.mapping().bytes()), order_(TensorsByOffset(packed.header())) {
  std::memcpy(&fixed_, file_.data(), sizeof(fixed_));
  pending_ = file_.subspan(fixed_.source.offset, fixed_.source.bytes);
}

Result<std::span<const std::byte>> SourceRebuilder::Next() {
  for (;;) {
    if (!pending_.empty()) return TakePending();
    if (panels_ != nullptr) return UnpackRows();
    const PackedTensor* tensor = nullptr;
    if (next_ < order_.size()) tensor = &packed_.tensors()[order_[next_]];
    const uint64_t end = tensor == nullptr ? packed_.source_bytes() : tensor->source->offset;
    if (position_ != end) {
      LEDGE_CHECK_OK(FillGap(end));
    } else if (tensor != nullptr) {
      Begin(*tensor);
      ++next_;
    } else {
      return std::span<const std::byte>();
    }
  }
}

std::span<const std::byte> SourceRebuilder::TakePending() {
  const auto piece = pending_.first(std::min<uint64_t>(pending_.size(), kPieceBytes));
  pending_ = pending_.subspan(piece.size());
  position_ += piece.size();
  return piece;
}

void SourceRebuilder::Begin(const PackedTensor& tensor) {
  if (tensor.form == TensorForm::kRaw) {
    pending_ = tensor.data;
    return;
  }
  panels_ = &tensor;
  row_ = 0;
}

std::span<const std::byte> SourceRebuilder::UnpackRows() {
  const PanelMatrix matrix = panels_->matrix();
  const PanelLayout& layout = *FindPanelLayout(matrix.type);
  const uint64_t row_bytes = panels_->source->bytes / matrix.rows;
  const uint64_t piece_rows =
      std::max<uint64_t>(1, kPieceBytes / (row_bytes * kPanelRows)) * kPanelRows;
  const uint64_t rows = std::min(piece_rows, matrix.rows - row_);
  const std::byte* panel = matrix.data + row_ / kPanelRows * matrix.panel_bytes();
  piece_.resize(rows * row_bytes);
  for (uint64_t r = 0; r < rows; r += kPanelRows, panel += matrix.panel_bytes()) {
    const auto count = static_cast<uint32_t>(std::min<uint64_t>(kPanelRows, rows - r));
    layout.unpack(panel, count, matrix.cols, row_bytes, piece_.data() + r * row_bytes);
  }
  row_ += rows;
  if (row_ == matrix.rows) panels_ = nullptr;
  position_ += piece_.size();
  return piece_;
}

// The source's bytes up to `end`, which no tensor holds: what was kept of them, else zeros.
Result<void> SourceRebuilder::FillGap(uint64_t end) {
  PackGapEntry entry;
  LEDGE_TRY(const bool kept, NextGap(end, entry));
  if (kept) {
    pending_ = file_.subspan(fixed_.gap_bytes.offset + gap_bytes_used_, entry.bytes);
    gap_bytes_used_ += entry.bytes;
    ++gaps_used_;
    return {};
  }
  if (end < position_ || end - position_ > kMaxDroppedGapBytes) {
    return NotAsPacked(packed_, "its gap list is damaged");
  }
  piece_.assign(end - position_, std::byte{0});
  pending_ = piece_;
  return {};
}

// Whether the gap from here to `end` is the next one listed. A list that does not fit ends up as
// a wrong digest; here it only must not lead outside.
Result<bool> SourceRebuilder::NextGap(uint64_t end, PackGapEntry& entry) const {
  if (gaps_used_ >= fixed_.gap_list.bytes / sizeof(entry)) return false;
  std::memcpy(&entry, file_.data() + fixed_.gap_list.offset + gaps_used_ * sizeof(entry),
              sizeof(entry));
  if (entry.source_offset != position_ || entry.bytes != end - position_) return false;
  if (entry.bytes > fixed_.gap_bytes.bytes - gap_bytes_used_) {
    return NotAsPacked(packed_, "its gap list is damaged");
  }
  return true;
}

Result<void> CheckRebuilt(const PackedModel& packed, const Digest& rebuilt) {
  if (packed.damaged()) {
    return MakeError(Code::kIo, "{} could not be read: its disk failed or it was cut just now",
                     PrintableLine(packed.path(), 200));
  }
  if (rebuilt == packed.source_digest()) return {};
  return NotAsPacked(
      packed, "its weights or metadata are damaged (the source's SHA-256 does not come out)");
}

Result<void> RebuildSource(const PackedModel& packed, const SourceSink& sink,
                           const Progress& progress) {
  SourceRebuilder rebuilder(packed);
  Sha256 sha;
  for (;;) {
    const uint64_t at = rebuilder.position();
    if (progress && !progress(at, packed.source_bytes())) {
      return MakeError(Code::kInterrupted, "{}: stopped at byte {} of {}",
                       PrintableLine(packed.path(), 200), at, packed.source_bytes());
    }
    LEDGE_TRY(const auto piece, rebuilder.Next());
    if (piece.empty()) break;
    sha.Update(piece);
    if (sink) LEDGE_CHECK_OK(sink(at, piece));
  }
  return CheckRebuilt(packed, sha.Finish());
}

}  // namespace ledge
