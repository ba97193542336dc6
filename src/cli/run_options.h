// Options of commands that compute: threads, context, KV type, and what they open with them.
#pragma once

#include <memory>

#include "base/memory_budget.h"
#include "base/thread_pool.h"
#include "cli/model_argument.h"
#include "engine/engine.h"
#include "executor/executor.h"
#include "model/model.h"

namespace ledge {

struct ComputeOptions {
  int64_t threads = 0;  // 0: the machine's usable cores
  int64_t context = 0;  // 0: the command's default
  std::string kv_type = "f16";

  void Declare(Options& options);
  int ThreadCount(const Program& program) const;
  KvType KvTypeAsked() const;
  // "--threads 4", or what of the machine decided.
  std::string ThreadsWhy(const Program& program) const;
};

// --context-shift, --keep.
struct ShiftOptions {
  bool enabled = false;
  int64_t keep = ContextShift().keep;

  void Declare(Options& options);
  ContextShift Asked() const { return {enabled, static_cast<uint32_t>(keep)}; }
};

inline constexpr int64_t kMaxContextOption = 1 << 24;

// Everything a model needs to be computed with. Members die in reverse order.
struct Session {
  std::shared_ptr<const PackedModel> packed;
  std::shared_ptr<const Model> model;
  std::optional<Tokenizer> tokenizer;  // none where the file has no vocabulary
  std::unique_ptr<MemoryBudget> budget;
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<Executor> executor;
  uint32_t context = 0;  // per sequence, after lowering it to what the model was trained with

  // The tokenizer, with a warning where its rules are guessed; or kUnsupported, naming the model
  // and what it asks for.
  Result<const Tokenizer*> RequireTokenizer(Program& program) const;
};

struct SessionNeeds {
  uint32_t context = 4096;  // where --ctx gives none
  uint32_t sequences = 1;
  uint32_t max_columns = 512;
  bool allow_beyond_trained = false;  // else --ctx is lowered to it, with a note
};

// Opens, checks that the memory is there (kOverBudget with the numbers), starts the threads.
Result<Session> OpenSession(Program& program, const ModelArgument& argument,
                            const ComputeOptions& options, const SessionNeeds& needs);

}  // namespace ledge
