#include "residency/worker_process.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "os/child.h"
#include "worker/worker.h"

namespace ledge {

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::Start(EventLoop& loop, OnMessage on_message,
                                                            OnEnd on_end) {
  LEDGE_TRY(const Child child, StartChild({kWorkerArgument}));
  return std::unique_ptr<WorkerProcess>(
      new WorkerProcess(loop, child.pid, child.socket, std::move(on_message), std::move(on_end)));
}

WorkerProcess::WorkerProcess(EventLoop& loop, pid_t pid, int socket, OnMessage on_message,
                             OnEnd on_end)
    : loop_(loop),
      pid_(pid),
      socket_(socket),
      on_message_(std::move(on_message)),
      on_end_(std::move(on_end)) {
  readable_ = loop_.WhenReadable(socket_, [this] { Read(); });
}

WorkerProcess::~WorkerProcess() {
  readable_.reset();
  writable_.reset();
  close(socket_);
  kill(pid_, SIGKILL);
  // Giving gigabytes back takes a while: not on the loop's thread.
  std::thread([pid = pid_] {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }).detach();
}

void WorkerProcess::End(const std::string& how) {
  if (ended_) return;
  ended_ = true;
  loop_.Post([on_end = std::move(on_end_), how] { on_end(how); });
  readable_.reset();
  writable_.reset();
}

void WorkerProcess::Read() {
  std::array<char, 65536> buffer;
  const ssize_t got = read(socket_, buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) return End("its process ended");
  reader_.Feed({buffer.data(), static_cast<size_t>(got)});
  while (!ended_) {
    auto payload = reader_.Next();
    if (!payload.ok()) return End(payload.error().message);
    if (!*payload) return;
    auto messages = DecodeWorker(**payload);
    if (!messages.ok()) return End(messages.error().message);
    for (WorkerMessage& message : *messages) {
      if (ended_) return;
      on_message_(std::move(message));
    }
  }
}

void WorkerProcess::Send(FrontMessage message) {
  const auto frame = EncodeFrame(Encode(std::vector<FrontMessage>{std::move(message)}));
  // A body's limit is far below a frame's: what is larger was not made by a client.
  if (!frame.ok() || ended_) return;
  unsent_ += *frame;
  if (writable_ == nullptr) Flush();
}

void WorkerProcess::Flush() {
  writable_.reset();
  while (!unsent_.empty()) {
    const ssize_t done = send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0 && errno == EAGAIN) {
      writable_ = loop_.OnceWritable(socket_, [this] { Flush(); });
      return;
    }
    if (done < 0) return unsent_.clear();  // Read sees the end
    unsent_.erase(0, static_cast<size_t>(done));
  }
}

}  // namespace ledge
