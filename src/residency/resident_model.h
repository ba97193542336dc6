// One model in memory, or on its way there: its worker and what is asked of it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "residency/residency.h"
#include "residency/worker_process.h"

namespace ledge {

class ResidentModel {
 public:
  ResidentModel(Residency& residency, ServedModel model, bool pinned);
  ~ResidentModel();

  const std::string& name() const { return model_.name; }
  bool pinned() const { return pinned_; }
  bool ready() const { return state_ == State::kReady; }
  bool busy() const { return state_ != State::kReady || !listeners_.empty(); }
  // What it holds of the budget; before it has said what it needs, nothing.
  uint64_t bytes() const;
  size_t asked() const { return listeners_.size(); }
  std::chrono::nanoseconds last_used() const { return last_used_; }
  std::chrono::nanoseconds keep_alive = std::chrono::nanoseconds(0);
  // Whether its time in memory is over.
  bool expired(std::chrono::nanoseconds now) const;
  ModelStatus Status(std::chrono::nanoseconds now) const;
  // Seconds until a place in the queue comes free, from the pace of the last answers.
  int RetryAfterSeconds() const;

  // Starts its worker. kInternal if no process can be had.
  Result<void> Start();
  void WhenLoaded(Residency::Loaded loaded);
  void Submit(uint64_t id, Ask ask, AskListener* listener);
  void Cancel(uint64_t id);
  // Ends all that is asked of it with this error.
  void FailAll(const ApiError& error);
  // It will not be there: those who wait for its loading hear of it, and its worker ends.
  void TellGone(const ApiError& error);

 private:
  enum class State { kDescribing, kGranting, kReady, kDead };

  void OnMessage(WorkerMessage message);
  void OnDescribed(Described description);
  // Room for its weights, and for experts no more than there is; or why there is none.
  std::optional<ApiError> TakeRoom();
  void OnReady();
  void OnNumbers(const Numbers& numbers);
  void OnWorkerEnd(const std::string& how);
  void TellLoaded(const ApiError* error);
  AskListener* Take(uint64_t id);

  Residency& residency_;
  ServedModel model_;
  bool pinned_;
  State state_ = State::kDescribing;
  std::unique_ptr<WorkerProcess> worker_;
  Described description_;
  uint64_t weights_granted_ = 0;  // less than all of them only of a mixture of experts
  uint64_t kv_granted_ = 0;
  Numbers numbers_;
  std::map<uint64_t, AskListener*> listeners_;
  std::deque<SubmitAsk> unsent_;  // before it is ready
  std::vector<Residency::Loaded> loaded_;
  std::chrono::nanoseconds last_used_{0};
  std::chrono::nanoseconds started_{0};
  std::chrono::nanoseconds last_end_{0};
  double seconds_between_ends_ = 1;
  int deaths_ = 0;  // in a row, soon after a start
  std::unique_ptr<LoopHandle> restart_;
};

}  // namespace ledge
