// A model from a GGUF file or a folder, packed into memory, with everything that an executor of it
// needs.
//
//   ASSERT_OK_AND_ASSIGN(auto model, LoadModel(path));
//   NativeBench bench(model);
//   ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.kv_type = KvType::kF32}));
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/memory_budget.h"
#include "base/thread_pool.h"
#include "executor/native/native_executor.h"
#include "model/model.h"
#include "os/os.h"
#include "pack/packed_model.h"

namespace ledge::testing {

inline Result<std::shared_ptr<const Model>> LoadModel(const std::string& path) {
  LEDGE_TRY(auto packed, PackToMemory(PosixOs(), path, nullptr));
  return Model::Load(std::move(packed));
}

class NativeBench {
 public:
  explicit NativeBench(std::shared_ptr<const Model> model, int threads = 2,
                       uint64_t budget = MemoryBudget::kUnlimited)
      : model_(std::move(model)), pool_(threads), budget_(budget) {}

  Result<Executor*> Make(const NativeOptions& options = {}) {
    executor_.reset();
    LEDGE_TRY(executor_, CreateNativeExecutor(PosixOs(), model_, pool_, budget_, options));
    return executor_.get();
  }
  void Drop() { executor_.reset(); }
  MemoryBudget& budget() { return budget_; }
  const Model& model() const { return *model_; }

 private:
  std::shared_ptr<const Model> model_;
  ThreadPool pool_;
  MemoryBudget budget_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace ledge::testing
