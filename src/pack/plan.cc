#include "pack/plan.h"

#include <algorithm>
#include <numeric>

#include "base/checked.h"
#include "base/units.h"

namespace ledge {
namespace {

// Big tensors begin on a page of the smallest usual size, at less than a thousandth of their size.
constexpr uint64_t kBigTensorBytes = 4 * kMiB;
constexpr uint64_t kBigTensorAlignment = 4 * kKiB;
constexpr uint64_t kTensorAlignment = 64;

// The weights begin at a huge page where the hole costs at most a five-hundredth of them, else at
// the largest power of two for which that holds.
constexpr uint64_t kMaxWeightsAlignment = 2 * kMiB;
constexpr uint64_t kHoleShare = 512;

uint64_t WeightsAlignment(uint64_t weights_bytes) {
  uint64_t alignment = kMaxWeightsAlignment;
  while (alignment > kPackSectionAlignment && alignment > weights_bytes / kHoleShare)
    alignment /= 2;
  return alignment;
}

uint64_t AlignmentOf(uint64_t tensor_bytes) {
  return tensor_bytes >= kBigTensorBytes ? kBigTensorAlignment : kTensorAlignment;
}

// Appends a section at the next multiple of `alignment`; false if that overflows.
bool Append(PackSection& section, uint64_t bytes, uint64_t alignment, uint64_t& end) {
  const auto begin = CheckedAlignUp(end, alignment);
  const auto behind = begin ? CheckedAdd(*begin, bytes) : std::nullopt;
  if (!behind) return false;
  section = {*begin, bytes};
  end = *behind;
  return true;
}

// Gives every tensor its place in the weights section; nothing if that overflows.
std::optional<uint64_t> PlaceTensors(const GgufHeader& header, PackPlan& plan) {
  uint64_t end = 0;
  plan.entries.resize(header.tensors().size());
  for (const uint32_t i : plan.order) {
    const GgufTensor& tensor = header.tensors()[i];
    const TensorForm form = FormOf(tensor);
    const uint64_t bytes = PackedBytes(tensor, form);
    PackSection place;
    if (!Append(place, bytes, AlignmentOf(bytes), end)) return std::nullopt;
    plan.entries[i] = {static_cast<uint32_t>(form), 0, place.offset, place.bytes};
  }
  return end;
}

}  // namespace

TensorForm FormOf(const GgufTensor& tensor) {
  const bool matrices =
      tensor.n_dims == 2 || (tensor.n_dims == 3 && tensor.dims[1] % kPanelRows == 0);
  const bool panels = matrices && tensor.dims[0] <= kMaxPanelCols &&
                      tensor.rows() <= kMaxPanelMatrixRows &&
                      FindPanelLayout(tensor.type) != nullptr;
  return panels ? TensorForm::kPanels : TensorForm::kRaw;
}

uint64_t PackedBytes(const GgufTensor& tensor, TensorForm form) {
  if (form == TensorForm::kRaw) return tensor.bytes;
  return PanelCount(static_cast<uint32_t>(tensor.rows())) *
         PanelBytes(tensor.type, static_cast<uint32_t>(tensor.dims[0]));
}

std::vector<uint32_t> TensorsByOffset(const GgufHeader& header) {
  std::vector<uint32_t> order(header.tensors().size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&header](uint32_t i) { return header.tensors()[i].offset; });
  return order;
}

uint64_t LeadBytes(const GgufHeader& header, uint64_t source_bytes) {
  return std::min(header.data_offset(), source_bytes);
}

Result<PackPlan> PlanPack(const GgufHeader& header, uint64_t source_bytes, uint64_t tables_bytes) {
  PackPlan plan;
  plan.order = TensorsByOffset(header);
  const auto weights = PlaceTensors(header, plan);
  uint64_t end = sizeof(PackFileHeader);
  const bool fits =
      weights && Append(plan.source, LeadBytes(header, source_bytes), kPackSectionAlignment, end) &&
      Append(plan.tables, tables_bytes, kPackSectionAlignment, end) &&
      Append(plan.directory, plan.entries.size() * sizeof(PackTensorEntry), kPackSectionAlignment,
             end) &&
      Append(plan.weights, *weights, WeightsAlignment(*weights), end);
  // No gap is longer than the source, and there is at most one behind the header
  // and one behind each tensor.
  uint64_t in_tensors = 0;
  for (const GgufTensor& tensor : header.tensors()) in_tensors += tensor.bytes;
  const uint64_t gaps = source_bytes - plan.source.bytes - in_tensors;
  const uint64_t list =
      (plan.entries.size() + 2) * sizeof(PackGapEntry) + 2 * kPackSectionAlignment;
  const auto most = fits ? CheckedAdd(end, gaps + list) : std::nullopt;
  if (!most) {
    return MakeError(Code::kMalformed, "{}: the tensors' sizes overflow 64 bits when packed",
                     header.file());
  }
  plan.most_bytes = *most;
  return plan;
}

}  // namespace ledge
