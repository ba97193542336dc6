#include "store/named_lock.h"

namespace ledge {
namespace {

constexpr std::chrono::milliseconds kPoll{10};

}  // namespace

NamedLock& NamedLock::operator=(NamedLock&& other) noexcept {
  if (this != &other) {
    Release();
    os_ = other.os_;
    path_ = std::move(other.path_);
    lock_ = std::move(other.lock_);
    keep_ = other.keep_;
  }
  return *this;
}

void NamedLock::Release() {
  if (lock_ == nullptr) return;
  // Removed while it is held: whoever opened the old file finds it nameless and takes a new one.
  if (keep_ == Keep::kNo) (void)os_->Remove(path_);
  lock_.reset();
}

Result<NamedLock> NamedLock::Try(Os& os, std::string path, Keep keep) {
  NamedLock lock;
  LEDGE_TRY(lock.lock_, os.Lock(path, /*exclusive=*/true));
  lock.os_ = &os;
  lock.path_ = std::move(path);
  lock.keep_ = keep;
  return lock;
}

Result<NamedLock> NamedLock::Wait(Os& os, const std::string& path,
                                  const std::function<bool()>& stop,
                                  std::optional<std::chrono::nanoseconds> limit, Keep keep) {
  const auto begin = os.MonotonicNow();
  for (;;) {
    auto lock = Try(os, path, keep);
    if (lock.ok() || lock.error().code != Code::kExists) return lock;
    if (stop && stop()) {
      return MakeError(Code::kInterrupted, "stopped while waiting for '{}'",
                       PrintableLine(path, 400));
    }
    if (limit && os.MonotonicNow() - begin > *limit) return lock;
    os.Sleep(kPoll);
  }
}

}  // namespace ledge
