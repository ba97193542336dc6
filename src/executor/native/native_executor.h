// The executor that computes by itself: ledge's kernels over packed weights and paged KV caches.
#pragma once

#include <memory>
#include <optional>

#include "base/memory_budget.h"
#include "base/thread_pool.h"
#include "executor/executor.h"
#include "executor/native/fusions.h"
#include "kernels/kernels.h"
#include "model/model.h"
#include "os/os.h"

namespace ledge {

inline constexpr uint32_t kMaxStepColumns = 4096;

struct NativeOptions {
  KvType kv_type = KvType::kF16;
  uint32_t max_columns = 512;  // of a step: 1..kMaxStepColumns; scratch is sized by it
  uint32_t max_context = 0;    // most positions of a sequence; 0: what the model was trained for
  const Kernels* kernels = nullptr;  // null: the best this CPU has
  // Whether the system is asked to read chosen experts before they are needed. Nothing: where the
  // weights are more than the memory that is free at the start. Costs a call for each one.
  std::optional<bool> ask_for_experts;
  // For tests and ablations; none of it shows in the results.
  Fusions fusions;
  bool share_prefixes = true;  // attention reads pages that sequences have in common once for all
  bool prefetch = true;        // products fetch weights ahead
  bool huge_pages = true;      // asks for them for working memory
};

// `os`, `pool` and `budget` must outlive the executor; the model's mapping is kept by it. Only this
// executor uses `pool` while a Step runs. kUsage for options out of range; kOverBudget or kNoMemory
// if the scratch memory can't be had.
Result<std::unique_ptr<Executor>> CreateNativeExecutor(Os& os, std::shared_ptr<const Model> model,
                                                       ThreadPool& pool, MemoryBudget& budget,
                                                       const NativeOptions& options = {});

}  // namespace ledge
