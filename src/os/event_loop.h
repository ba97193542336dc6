// One thread's loop over sockets and timers. Callbacks run on the loop's thread, one at a time;
// whatever is not said to be callable from others is called there, too.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace ledge {

// Ends what it stands for when it is destroyed: the callback will not be called any more.
class LoopHandle {
 public:
  virtual ~LoopHandle() = default;
};

class EventLoop {
 public:
  virtual ~EventLoop() = default;
  // From any thread: `work` runs on the loop's thread, soon.
  virtual void Post(std::function<void()> work) = 0;
  virtual std::unique_ptr<LoopHandle> After(std::chrono::nanoseconds delay,
                                            std::function<void()> work) = 0;
  // Calls `ready` when `fd` can be read, or its other end is gone, and again as long as that is so.
  // The descriptor stays the caller's and must outlive the handle.
  virtual std::unique_ptr<LoopHandle> WhenReadable(int fd, std::function<void()> ready) = 0;
  // Calls it once, when `fd` can be written.
  virtual std::unique_ptr<LoopHandle> OnceWritable(int fd, std::function<void()> ready) = 0;
};

}  // namespace ledge
