// The event loop on Boost.Asio. Only files that talk to sockets see this header.
#pragma once

#include <boost/asio/io_context.hpp>

#include "os/event_loop.h"

namespace ledge {

class AsioLoop : public EventLoop {
 public:
  void Post(std::function<void()> work) override;
  std::unique_ptr<LoopHandle> After(std::chrono::nanoseconds delay,
                                    std::function<void()> work) override;
  std::unique_ptr<LoopHandle> WhenReadable(int fd, std::function<void()> ready) override;
  std::unique_ptr<LoopHandle> OnceWritable(int fd, std::function<void()> ready) override;

  // Calls `on_signal` with the number of each of these signals that comes.
  std::unique_ptr<LoopHandle> OnSignals(std::vector<int> numbers,
                                        std::function<void(int)> on_signal);
  // Runs until Stop.
  void Run() { context_.run(); }
  void Stop() { context_.stop(); }
  // After Run: what is due already, no more.
  void RunReady() {
    context_.restart();
    context_.poll();
  }
  boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_{1};
  // Keeps Run going while there is nothing to do.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_ =
      boost::asio::make_work_guard(context_);
};

}  // namespace ledge
