// Keeps a model's experts within the memory that was granted, where that is less than all of them.
//
// They are pages of the packed file, which come in as they are chosen. Nobody can tell a process's
// mapping how many of them it may keep, so a thread looks while there is work, and gives back the
// experts of one layer after the other, round and round, until little enough is left. What is read
// of a page meanwhile is the same: it comes in again, from the system's cache where memory is free.
//
// So the bound holds but for what is read between two looks; the tokens don't depend on it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "model/model.h"
#include "os/mapped_bytes.h"

namespace ledge {

class ExpertLimit {
 public:
  // At most `bytes` of the model's weights stay in memory, and not all layers' experts whatever it
  // is. `model` must outlive it. The limit holds from the first Begin on.
  ExpertLimit(const Model& model, MappedBytes mapped, uint64_t bytes);
  ~ExpertLimit();
  ExpertLimit(const ExpertLimit&) = delete;
  ExpertLimit& operator=(const ExpertLimit&) = delete;

  // There is work from here on, and none any more.
  void Begin() { SetBusy(true); }
  void End() { SetBusy(false); }

  // One look. Called by the thread; by tests without Begin.
  void Trim();

 private:
  struct Range {
    uint64_t offset = 0;  // in the mapping
    uint64_t bytes = 0;
  };

  void SetBusy(bool busy);
  void Watch();

  Mapping& mapping_;
  MappedBytes mapped_;
  uint64_t most_;                           // of mapped_'s bytes
  uint64_t enough_;                         // down to which pages are given back
  std::vector<std::vector<Range>> layers_;  // of those that have experts
  size_t next_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool busy_ = false;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace ledge
