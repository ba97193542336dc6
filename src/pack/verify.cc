// What the source's SHA-256 does not cover: tokenizer tables, and bytes that should be zero.
#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "pack/format.h"
#include "pack/plan.h"
#include "pack/rebuild.h"

namespace ledge {
namespace {

class FrameCheck {
 public:
  explicit FrameCheck(const PackedModel& packed)
      : packed_(packed), file_(packed.mapping().bytes()) {
    std::memcpy(&fixed_, file_.data(), sizeof(fixed_));
  }

  Result<void> Run() {
    const auto directory = Bytes(fixed_.directory);
    if (PackDigest(fixed_, directory) != fixed_.digest) return Wrong("its header is damaged");
    if (Sha256Of(Bytes(fixed_.tables)) != fixed_.tables_digest)
      return Wrong("its tokenizer tables are damaged");
    if (!PaddingIsZero()) return Wrong("its padding is not zero");
    for (const PackedTensor& tensor : packed_.tensors()) {
      if (!LastPanelIsFilledUpWithZeros(tensor)) {
        return Wrong(fmt::format("tensor '{}' has other bytes than zeros behind its last row",
                                 PrintableLine(tensor.source->name, 80)));
      }
    }
    return CheckGaps();
  }

 private:
  Error Wrong(std::string_view problem) const {
    return MakeError(Code::kVerification, "{}: {}; remove it and import its source again",
                     PrintableLine(packed_.path(), 200), problem);
  }

  std::span<const std::byte> Bytes(const PackSection& section) const {
    return file_.subspan(section.offset, section.bytes);
  }

  bool ZeroBetween(uint64_t begin, uint64_t end) const {
    return begin >= end || std::ranges::all_of(file_.subspan(begin, end - begin),
                                               [](std::byte b) { return b == std::byte{0}; });
  }

  // Between sections, and between tensors within the weights.
  bool PaddingIsZero() const {
    uint64_t end = sizeof(fixed_);
    for (const PackSection& section : {fixed_.source, fixed_.tables, fixed_.directory,
                                       fixed_.weights, fixed_.gap_bytes, fixed_.gap_list}) {
      if (!ZeroBetween(end, section.offset)) return false;
      end = section.offset + section.bytes;
    }
    uint64_t place = fixed_.weights.offset;
    for (const uint32_t i : TensorsByOffset(packed_.header())) {
      const auto data = packed_.tensors()[i].data;
      const auto begin = static_cast<uint64_t>(data.data() - file_.data());
      if (!ZeroBetween(place, begin)) return false;
      place = begin + data.size();
    }
    return ZeroBetween(place, fixed_.weights.offset + fixed_.weights.bytes);
  }

  static bool LastPanelIsFilledUpWithZeros(const PackedTensor& tensor) {
    if (tensor.form != TensorForm::kPanels) return true;
    const PanelMatrix matrix = tensor.matrix();
    const uint32_t count = matrix.rows % kPanelRows;
    if (count == 0) return true;
    const PanelLayout& layout = *FindPanelLayout(matrix.type);
    const uint64_t row_bytes = tensor.source->bytes / matrix.rows;
    const auto panel = tensor.data.last(matrix.panel_bytes());
    std::vector<std::byte> rows(count * row_bytes);
    std::vector<std::byte> again(panel.size());
    layout.unpack(panel.data(), count, matrix.cols, row_bytes, rows.data());
    layout.pack(rows.data(), row_bytes, count, matrix.cols, again.data());
    return std::memcmp(again.data(), panel.data(), again.size()) == 0;
  }

  // Every listed gap was used by the rebuilding if their bytes add up and the
  // list ends as it should.
  Result<void> CheckGaps() const {
    const auto list = Bytes(fixed_.gap_list);
    uint64_t bytes = 0;
    PackGapEntry entry{};
    for (uint64_t at = 0; at + sizeof(entry) <= list.size(); at += sizeof(entry)) {
      std::memcpy(&entry, list.data() + at, sizeof(entry));
      bytes += entry.bytes;
    }
    const bool ends = entry.source_offset == fixed_.source_bytes && entry.bytes == 0;
    if (list.size() % sizeof(entry) != 0 || !ends || bytes != fixed_.gap_bytes.bytes) {
      return Wrong("its gap list is damaged");
    }
    return {};
  }

  const PackedModel& packed_;
  const std::span<const std::byte> file_;
  PackFileHeader fixed_;
};

}  // namespace

Result<void> PackedModel::Verify(const Progress& progress) const {
  LEDGE_CHECK_OK(RebuildSource(*this, {}, progress));
  return FrameCheck(*this).Run();
}

}  // namespace ledge
