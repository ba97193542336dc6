// A lock file of <home>/run/ that goes away with its lock.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "os/os.h"

namespace ledge {

class NamedLock {
 public:
  enum class Keep { kNo, kYes };  // the file, when the lock ends

  NamedLock() = default;
  NamedLock(NamedLock&& other) noexcept = default;
  NamedLock& operator=(NamedLock&& other) noexcept;
  ~NamedLock() { Release(); }

  // kExists at once if another holder has it.
  static Result<NamedLock> Try(Os& os, std::string path, Keep keep = Keep::kNo);
  // Waits for the other holder; kInterrupted as soon as `stop` says so, kExists after `limit`.
  static Result<NamedLock> Wait(Os& os, const std::string& path, const std::function<bool()>& stop,
                                std::optional<std::chrono::nanoseconds> limit,
                                Keep keep = Keep::kNo);
  void Release();

 private:
  Os* os_ = nullptr;
  std::string path_;
  std::unique_ptr<FileLock> lock_;
  Keep keep_ = Keep::kNo;
};

}  // namespace ledge
