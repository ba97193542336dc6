// Who is in memory: a worker process a model, started when a request or --model asks for it, within
// the memory budget, and what is asked of each.
//
// All on the loop's thread. A model with requests or on its way in is never evicted.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/api_error.h"
#include "api/ask.h"
#include "os/event_loop.h"
#include "os/os.h"
#include "residency/eviction.h"
#include "residency/model_index.h"
#include "worker/message.h"

namespace ledge {

struct ResidencyOptions {
  uint64_t memory_budget = 0;  // bytes, of all models together
  std::chrono::nanoseconds keep_alive = std::chrono::minutes(5);
  uint32_t sequences = 16;  // of one model at once
  uint32_t queue = 64;      // that may wait beside them
  Setup setup;              // what all workers are told, but for the model
  std::vector<std::string> pinned;
};

// Hears of one ask. Exactly one of OnEnd and OnError comes, last, unless it was cancelled before.
class AskListener {
 public:
  virtual ~AskListener() = default;
  virtual void OnStarted(const AskStarted& started) = 0;
  virtual void OnPiece(const AskPiece& piece) = 0;
  virtual void OnEnd(const AskEnd& end) = 0;
  virtual void OnError(const ApiError& error) = 0;
};

struct ModelStatus {
  std::string name;
  std::string state;  // "loading", "ready"
  pid_t pid = 0;
  bool pinned = false;
  Described description;
  uint64_t weights_granted = 0;  // less than there are: experts come and go
  uint64_t kv_granted = 0;
  uint64_t kv_used = 0;
  uint32_t active = 0;
  uint32_t waiting = 0;
  uint64_t waiting_tokens = 0;  // of prompts, to be computed
  std::chrono::nanoseconds idle{0};
  std::chrono::nanoseconds time_to_live{0};  // negative: for ever
};

// Since the server's start.
struct ResidencyTotals {
  uint64_t requests = 0;
  uint64_t prompt_computed = 0;
  uint64_t prompt_cached = 0;
  uint64_t completion = 0;
  uint64_t forced = 0;  // of these
  uint64_t steps = 0;
  uint64_t step_columns = 0;
  std::chrono::nanoseconds in_steps{0};
  std::chrono::nanoseconds in_forms{0};  // keeping answers to their grammars
  uint64_t worker_deaths = 0;
};

class ResidentModel;

class Residency {
 public:
  using Loaded = std::function<void(const ApiError* error)>;
  // A line for the log; `warning`: worth telling whoever wants no others.
  using Log = std::function<void(std::string_view line, bool warning)>;

  Residency(Os& os, EventLoop& loop, ModelIndex& index, ResidencyOptions options, Log log);
  ~Residency();

  // Starts loading the pinned models; `done` is called once: when all are ready, or with the first
  // that can't be.
  void LoadPinned(std::function<void(Result<void>)> done);
  // All pinned models can answer.
  bool ready() const;

  // Its id, or why it is refused: no such model, no room in the queue, no memory. `listener` must
  // live until its last call or Cancel.
  ApiResult<uint64_t> Submit(const std::string& model, Ask ask, AskListener* listener);
  void Cancel(uint64_t id);
  // How long the model stays after its last request from now on; negative: for ever.
  void SetKeepAlive(const std::string& model, std::chrono::nanoseconds duration);

  // Brings it into memory; `loaded` is called later, never from within the call.
  void Load(const std::string& model, Loaded loaded);
  // False if it isn't in memory. Its requests end with an error.
  bool Unload(const std::string& model);
  std::vector<ModelStatus> Models() const;
  ResidencyTotals totals() const;
  uint64_t memory_budget() const { return options_.memory_budget; }
  uint32_t active() const;
  uint32_t waiting() const;
  uint64_t waiting_tokens() const;
  // Nothing is being answered.
  bool idle() const { return asks_.empty(); }

 private:
  friend class ResidentModel;
  struct Entry;

  ResidentModel* FindResident(const std::string& name) const;
  ApiResult<ResidentModel*> Ensure(const std::string& model);
  // Bytes that would be free for a model that needs `bytes`, after evicting; or why not.
  std::optional<ApiError> MakeRoom(const ResidentModel& wanting, uint64_t bytes);
  uint64_t UsedBytes(const ResidentModel* except) const;
  void Remove(const std::string& name, const ApiError& error);
  void Tick();
  void LogInfo(std::string_view line) const;

  Os& os_;
  EventLoop& loop_;
  ModelIndex& index_;
  ResidencyOptions options_;
  Log log_;
  std::unique_ptr<EvictionPolicy> policy_;
  std::map<std::string, std::unique_ptr<ResidentModel>> models_;
  std::map<uint64_t, ResidentModel*> asks_;
  uint64_t next_id_ = 1;
  ResidencyTotals totals_;
  std::unique_ptr<LoopHandle> tick_;
};

}  // namespace ledge
