#include "model/memory_needs.h"

#include <algorithm>
#include <limits>

#include "base/checked.h"
#include "model/layer_groups.h"
#include "pack/plan.h"

namespace ledge {
namespace {

uint64_t Saturated(std::optional<uint64_t> bytes) {
  return bytes.value_or(std::numeric_limits<uint64_t>::max());
}

// Pages of one sequence: a window needs those it overlaps, which may begin within a page.
uint64_t Pages(const LayerGroupShape& group, uint32_t context) {
  const uint64_t all = CeilDiv(context, kPageTokens);
  return group.window == 0 ? all : std::min(all, CeilDiv(group.window, kPageTokens) + 1);
}

}  // namespace

MemoryNeeds MemoryNeedsOf(const GgufHeader& header, const ModelSpec& spec, KvType type,
                          uint32_t context, uint32_t sequences) {
  MemoryNeeds needs;
  for (const GgufTensor& tensor : header.tensors()) {
    needs.weights = Saturated(CheckedAdd(needs.weights, PackedBytes(tensor, FormOf(tensor))));
  }
  for (const LayerSpec& layer : spec.layers) {
    const ExpertsSpec& experts = layer.experts;
    if (!experts) continue;
    for (const PanelMatrix* all : {&experts.gate, &experts.up, &experts.down}) {
      const uint64_t one = all->panel_bytes() * PanelCount(all->rows) / experts.count;
      needs.idle_experts += one * (experts.count - experts.used);
    }
  }
  for (const LayerGroupShape& group : LayerGroups(spec, type)) {
    if (group.window == 0) needs.kv_per_token += group.page_bytes() / kPageTokens;
    const uint64_t pages = Saturated(CheckedMul(Pages(group, context), sequences));
    needs.kv = Saturated(CheckedAdd(needs.kv, Saturated(CheckedMul(pages, group.page_bytes()))));
  }
  // One to read and one to write. Checkpoints are kept where there is room.
  needs.recurrent = Saturated(CheckedMul(2 * RecurrentBytes(spec), sequences));
  needs.kv = Saturated(CheckedAdd(needs.kv, needs.recurrent));
  return needs;
}

}  // namespace ledge
