#include "worker/link.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace ledge {

Result<FrontMessage> Link::Receive() {
  std::array<char, 65536> buffer;
  while (received_.empty()) {
    LEDGE_TRY(auto payload, reader_.Next());
    if (payload) {
      LEDGE_TRY(auto messages, DecodeFront(*payload));
      for (FrontMessage& message : messages) received_.push_back(std::move(message));
      continue;
    }
    const ssize_t got = read(fd_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return MakeError(Code::kUnreachable, "the server is gone");
    reader_.Feed({buffer.data(), static_cast<size_t>(got)});
  }
  FrontMessage message = std::move(received_.front());
  received_.pop_front();
  return message;
}

bool Link::Send(const std::vector<WorkerMessage>& messages) {
  const auto frame = EncodeFrame(Encode(messages));
  if (!frame.ok()) return true;  // too large for anybody: it can't be told
  const std::lock_guard lock(sending_);
  size_t sent = 0;
  while (sent < frame->size()) {
    const ssize_t done = send(fd_, frame->data() + sent, frame->size() - sent, MSG_NOSIGNAL);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    sent += static_cast<size_t>(done);
  }
  return true;
}

}  // namespace ledge
