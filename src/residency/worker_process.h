// The front's side of a worker: its process and the messages to and from it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "os/event_loop.h"
#include "worker/frame.h"
#include "worker/message.h"

namespace ledge {

// On the loop's thread. The destructor ends the process.
class WorkerProcess {
 public:
  using OnMessage = std::function<void(WorkerMessage)>;
  // The process has ended, or spoke nonsense and was ended; `how` says which. Nothing comes after
  // it. The owner destroys the WorkerProcess then, or later, but not from within the call.
  using OnEnd = std::function<void(const std::string& how)>;

  static Result<std::unique_ptr<WorkerProcess>> Start(EventLoop& loop, OnMessage on_message,
                                                      OnEnd on_end);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  void Send(FrontMessage message);
  pid_t pid() const { return pid_; }

 private:
  WorkerProcess(EventLoop& loop, pid_t pid, int socket, OnMessage on_message, OnEnd on_end);
  void Read();
  void Flush();
  void End(const std::string& how);

  EventLoop& loop_;
  pid_t pid_;
  int socket_;
  OnMessage on_message_;
  OnEnd on_end_;
  FrameReader reader_;
  std::string unsent_;
  bool ended_ = false;
  std::unique_ptr<LoopHandle> readable_;
  std::unique_ptr<LoopHandle> writable_;
};

}  // namespace ledge
