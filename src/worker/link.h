// A worker's end of its socket to the front.
#pragma once

#include <deque>
#include <mutex>

#include "worker/frame.h"
#include "worker/message.h"

namespace ledge {

// Blocking. Reading by one thread; sending by any.
class Link {
 public:
  explicit Link(int fd) : fd_(fd) {}
  // The next message. kUnreachable at the end of the socket, kMalformed for nonsense.
  Result<FrontMessage> Receive();
  // False when nobody is there any more.
  bool Send(const std::vector<WorkerMessage>& messages);
  bool Send(WorkerMessage message) { return Send(std::vector<WorkerMessage>{std::move(message)}); }

 private:
  int fd_;
  FrameReader reader_;
  std::deque<FrontMessage> received_;
  std::mutex sending_;
};

}  // namespace ledge
