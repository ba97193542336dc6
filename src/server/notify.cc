#include "server/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace ledge {

void NotifySystemd(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  const size_t size = path == nullptr ? 0 : std::strlen(path);
  if (size < 2 || size >= sizeof(address.sun_path)) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, size);
  if (path[0] == '@') address.sun_path[0] = '\0';
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
  [[maybe_unused]] const ssize_t sent = sendto(fd, state.data(), state.size(), MSG_NOSIGNAL,
                                               reinterpret_cast<sockaddr*>(&address), length);
  close(fd);
}

std::chrono::nanoseconds WatchdogInterval() {
  const char* text = std::getenv("WATCHDOG_USEC");
  int64_t microseconds = 0;
  if (text == nullptr) return {};
  std::from_chars(text, text + std::strlen(text), microseconds);
  if (const char* pid = std::getenv("WATCHDOG_PID")) {
    int64_t watched = 0;
    std::from_chars(pid, pid + std::strlen(pid), watched);
    if (watched != getpid()) return {};
  }
  return microseconds > 0 ? std::chrono::microseconds(microseconds) : std::chrono::nanoseconds(0);
}

}  // namespace ledge
