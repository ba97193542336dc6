// An HTTP server on the loopback that answers what a test says, a connection a request: for clients
// under test.
//
//   CannedServer server([](const CannedRequest& request) { return "HTTP/1.1 200 OK\r\n..."; });
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ledge::testing {

struct CannedRequest {
  std::string head;
  std::string body;
  int number = 0;  // counted from 0
};

class CannedServer {
 public:
  // Called from several threads at once.
  using Answer = std::function<std::string(const CannedRequest&)>;

  explicit CannedServer(Answer answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    ::listen(listener_, 64);
    socklen_t size = sizeof(address);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~CannedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (std::thread& thread : threads_) thread.join();
  }
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int requests() const { return requests_; }

 private:
  void Accept() {
    while (true) {
      const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) return;
      threads_.emplace_back([this, peer] { Serve(peer); });
    }
  }
  void Serve(int peer) {
    std::string text;
    size_t end = std::string::npos;
    size_t body = 0;
    char bytes[4096];
    while (end == std::string::npos || text.size() < end + 4 + body) {
      const ssize_t count = ::recv(peer, bytes, sizeof(bytes), 0);
      if (count <= 0) break;
      text.append(bytes, static_cast<size_t>(count));
      end = text.find("\r\n\r\n");
      const size_t length = text.find("Content-Length: ");
      if (end != std::string::npos && length < end)
        body = std::strtoul(text.c_str() + length + 16, nullptr, 10);
    }
    if (end != std::string::npos) {
      const std::string answer = answer_({text.substr(0, end), text.substr(end + 4), requests_++});
      for (size_t sent = 0; sent < answer.size();) {
        const ssize_t count =
            ::send(peer, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<size_t>(count);
      }
    }
    ::close(peer);
  }

  Answer answer_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::thread acceptor_;
  std::vector<std::thread> threads_;  // of the acceptor, until it has ended
};

}  // namespace ledge::testing
