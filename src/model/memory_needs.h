// How much memory a model will need, before it is there.
#pragma once

#include <cstdint>

#include "gguf/gguf.h"
#include "kernels/kv_page.h"
#include "model/model_spec.h"

namespace ledge {

// Bytes. What the executor needs to compute (its scratch) is the executor's to say.
struct MemoryNeeds {
  uint64_t weights = 0;       // tensors: mapped, one copy for all processes
  uint64_t idle_experts = 0;  // of them those that one token leaves aside
  uint64_t kv_per_token = 0;  // of one sequence, in the layers that keep all tokens
  uint64_t kv = 0;            // pages of all sequences, each with its whole context, and ...
  uint64_t recurrent = 0;     // ... of that their recurrent states, which no context makes larger
};

// `header` is the one that `spec` was made from. Sums beyond 64 bits are given
// as the largest number.
MemoryNeeds MemoryNeedsOf(const GgufHeader& header, const ModelSpec& spec, KvType type,
                          uint32_t context, uint32_t sequences);

}  // namespace ledge
