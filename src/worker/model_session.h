// Opens a model for a worker: finds it in the store or packs its file into it, maps it, and makes
// what computes it.
#pragma once

#include <memory>
#include <optional>

#include "base/memory_budget.h"
#include "base/thread_pool.h"
#include "engine/prompt.h"
#include "executor/executor.h"
#include "model/model.h"
#include "os/mapped_bytes.h"
#include "os/os.h"
#include "worker/expert_limit.h"
#include "worker/message.h"

namespace ledge {

inline constexpr uint32_t kDefaultServedContext = 4096;
inline constexpr uint32_t kServedStepColumns = 512;
// Where the machine's was not measured.
inline constexpr uint32_t kDefaultWidth = 16;

// Members die in reverse order.
struct ModelSession {
  std::shared_ptr<const PackedModel> packed;
  std::shared_ptr<const Model> model;
  std::optional<Tokenizer> tokenizer;
  std::optional<ChosenTemplate> chat_template;
  std::unique_ptr<MemoryBudget> budget;  // scratch and KV: unlimited until the front grants a size
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<Executor> executor;
  std::optional<MappedBytes> mapped;          // if the system tells
  std::unique_ptr<ExpertLimit> expert_limit;  // where they were not granted all their memory
  Described description;
  uint32_t width =
      0;  // columns up to which a step is bound by reading weights (store/machine_width.h)
};

// Maps the model: the last thing that needs the file system. Errors name the model.
Result<ModelSession> OpenSessionFiles(Os& os, const Setup& setup);
// Threads and scratch memory.
Result<void> StartSession(Os& os, const Setup& setup, ModelSession& session);
// Keeps to what the front gives it of the memory it described.
void KeepTo(const Grant& grant, ModelSession& session);

}  // namespace ledge
