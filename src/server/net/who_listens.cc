#include "server/net/who_listens.h"

#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/error.h"

namespace ledge {
namespace {

constexpr std::string_view kAsked = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";
constexpr size_t kMaxAnswer = 16 << 10;
constexpr size_t kMaxName = 40;

// What it answers; empty where it says nothing, or not at once.
std::string AnswerOf(const sockaddr* address, socklen_t size) {
  const int peer = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (peer < 0) return {};
  const timeval patience{.tv_sec = 0, .tv_usec = 250'000};
  setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  std::string answer;
  if (connect(peer, address, size) == 0 &&
      send(peer, kAsked.data(), kAsked.size(), MSG_NOSIGNAL) > 0) {
    std::array<char, 4096> buffer{};
    // Four times at most, so that one that trickles doesn't hold this up.
    for (int i = 0; i < 4 && answer.size() < kMaxAnswer; ++i) {
      const ssize_t got = recv(peer, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      answer.append(buffer.data(), static_cast<size_t>(got));
    }
  }
  close(peer);
  return answer;
}

// The value of the answer's Server header.
std::string ServerHeader(std::string_view answer) {
  const std::string_view head = answer.substr(0, answer.find("\r\n\r\n"));
  for (const std::string_view name : {"\r\nServer: ", "\r\nserver: "}) {
    const size_t at = head.find(name);
    if (at == head.npos) continue;
    const std::string_view value = head.substr(at + name.size());
    return PrintableLine(value.substr(0, value.find("\r\n")), kMaxName);
  }
  return {};
}

}  // namespace

std::string WhoListens(const sockaddr* address, socklen_t size) {
  const std::string answer = AnswerOf(address, size);
  if (answer.find("<title>ledge</title>") != answer.npos) return "another ledge";
  if (answer.find("Ollama is running") != answer.npos) return "Ollama";
  const std::string name = ServerHeader(answer);
  return name.empty() ? "another program" : name;
}

}  // namespace ledge
