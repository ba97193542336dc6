// What becomes of each tensor and where it will lie, decided from the source's header alone.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"
#include "gguf/gguf.h"
#include "pack/format.h"
#include "pack/packed_model.h"

namespace ledge {

// Wider rows, and matrices of more rows, stay raw: a panel of them would not be a small buffer any
// more, and no model that can be loaded has them.
inline constexpr uint64_t kMaxPanelCols = 1 << 18;
inline constexpr uint64_t kMaxPanelMatrixRows = 1 << 30;

// kPanels for matrices whose type has a panel layout, and for several of them in one tensor (3-D)
// where each is whole panels; else kRaw.
TensorForm FormOf(const GgufTensor& tensor);
// Bytes of a tensor in that form; `form` must be kRaw or what FormOf says.
uint64_t PackedBytes(const GgufTensor& tensor, TensorForm form);

// What is read, packed and written at once; at least one panel, whatever its width.
inline constexpr uint64_t kPieceBytes = 4 * kMiB;

struct PackPlan {
  PackSection source;
  PackSection tables;
  PackSection directory;
  PackSection weights;
  std::vector<PackTensorEntry> entries;  // by tensor
  std::vector<uint32_t> order;           // tensors by their place in the source file
  // The packed file's size at most, whatever the gaps between the tensors hold.
  uint64_t most_bytes = 0;
};

// `source_bytes`: the source's size. kMalformed if sizes overflow.
Result<PackPlan> PlanPack(const GgufHeader& header, uint64_t source_bytes, uint64_t tables_bytes);

// Positions in header.tensors(), sorted by offset.
std::vector<uint32_t> TensorsByOffset(const GgufHeader& header);

// Bytes of the source before its tensors' data: the header and its padding.
uint64_t LeadBytes(const GgufHeader& header, uint64_t source_bytes);

}  // namespace ledge
