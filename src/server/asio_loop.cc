#include "server/asio_loop.h"

#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace ledge {
namespace {

using boost::system::error_code;
namespace asio = boost::asio;

// Callbacks hold it weakly: what was destroyed isn't called any more, even if it was due already.
struct Alive {};

class TimerHandle : public LoopHandle {
 public:
  TimerHandle(asio::io_context& context, std::chrono::nanoseconds delay, std::function<void()> work)
      : timer_(context, std::chrono::duration_cast<asio::steady_timer::duration>(delay)) {
    timer_.async_wait([alive = std::weak_ptr(alive_), work = std::move(work)](error_code failed) {
      if (!failed && !alive.expired()) work();
    });
  }

 private:
  std::shared_ptr<Alive> alive_ = std::make_shared<Alive>();
  asio::steady_timer timer_;
};

class DescriptorHandle : public LoopHandle {
 public:
  // A duplicate is watched, so that closing it is our own business.
  DescriptorHandle(asio::io_context& context, int fd, std::function<void()> ready, bool write)
      : descriptor_(context, dup(fd)), ready_(std::move(ready)) {
    Wait(write);
  }

 private:
  void Wait(bool write) {
    const auto kind = write ? asio::posix::stream_descriptor::wait_write
                            : asio::posix::stream_descriptor::wait_read;
    descriptor_.async_wait(kind, [this, write, alive = std::weak_ptr(alive_)](error_code failed) {
      if (failed || alive.expired()) return;
      // The callback may destroy this handle.
      const auto ready = ready_;
      ready();
      if (!write && !alive.expired()) Wait(write);
    });
  }

  std::shared_ptr<Alive> alive_ = std::make_shared<Alive>();
  asio::posix::stream_descriptor descriptor_;
  std::function<void()> ready_;
};

class SignalHandle : public LoopHandle {
 public:
  SignalHandle(asio::io_context& context, const std::vector<int>& numbers,
               std::function<void(int)> on_signal)
      : signals_(context), on_signal_(std::move(on_signal)) {
    for (const int number : numbers) signals_.add(number);
    Wait();
  }

 private:
  void Wait() {
    signals_.async_wait([this, alive = std::weak_ptr(alive_)](error_code failed, int number) {
      if (failed || alive.expired()) return;
      on_signal_(number);
      if (!alive.expired()) Wait();
    });
  }

  std::shared_ptr<Alive> alive_ = std::make_shared<Alive>();
  asio::signal_set signals_;
  std::function<void(int)> on_signal_;
};

}  // namespace

void AsioLoop::Post(std::function<void()> work) { asio::post(context_, std::move(work)); }

std::unique_ptr<LoopHandle> AsioLoop::After(std::chrono::nanoseconds delay,
                                            std::function<void()> work) {
  return std::make_unique<TimerHandle>(context_, delay, std::move(work));
}

std::unique_ptr<LoopHandle> AsioLoop::WhenReadable(int fd, std::function<void()> ready) {
  return std::make_unique<DescriptorHandle>(context_, fd, std::move(ready), false);
}

std::unique_ptr<LoopHandle> AsioLoop::OnceWritable(int fd, std::function<void()> ready) {
  return std::make_unique<DescriptorHandle>(context_, fd, std::move(ready), true);
}

std::unique_ptr<LoopHandle> AsioLoop::OnSignals(std::vector<int> numbers,
                                                std::function<void(int)> on_signal) {
  return std::make_unique<SignalHandle>(context_, numbers, std::move(on_signal));
}

}  // namespace ledge
