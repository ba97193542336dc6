#include "os/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "os/posix/posix.h"

namespace ledge {
namespace {

// Libraries open descriptors that would pass on to the child: the parent's listening sockets, and
// connections of its clients, which would stay open for as long as the child lives.
void CloseFrom(unsigned int first) {
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
  // A kernel older than 5.9.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  for (unsigned int fd = first; fd < std::min<rlim_t>(files.rlim_cur, 65536); ++fd)
    close(static_cast<int>(fd));
}

// In the child, between fork and exec: async-signal-safe calls alone.
[[noreturn]] void BecomeChild(int socket, int null, pid_t parent, char* const* argv) {
  // A signal to the terminal's group (Ctrl-C) is the parent's to act on.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  if (socket == kChildSocket) {
    fcntl(socket, F_SETFD, 0);
  } else {
    dup2(socket, kChildSocket);
  }
  CloseFrom(kChildSocket + 1);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execv("/proc/self/exe", argv);
  _exit(127);
}

// The kilobytes behind `name` in /proc/<pid>/smaps_rollup.
uint64_t KilobytesOf(std::string_view text, std::string_view name) {
  const size_t at = text.find(name);
  if (at == text.npos) return 0;
  const size_t begin = text.find_first_not_of(' ', at + name.size());
  uint64_t value = 0;
  if (begin != text.npos) std::from_chars(text.data() + begin, text.data() + text.size(), value);
  return value;
}

}  // namespace

Result<Child> StartChild(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return posix::SystemError(errno, "make", "a socket for a worker");
  posix::Fd ours(ends[0]);
  posix::Fd theirs(ends[1]);
  LEDGE_TRY(posix::Fd null, posix::OpenFd("/dev/null", O_RDWR, "open"));
  fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  std::string name = "ledge";
  std::vector<std::string> copies = arguments;
  std::vector<char*> argv = {name.data()};
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return posix::SystemError(errno, "start", "a worker");
  if (child == 0) BecomeChild(theirs.get(), null.get(), parent, argv.data());
  return Child{.pid = child, .socket = ours.Release()};
}

bool ChildEnded(pid_t pid, std::string& how) {
  int status = 0;
  const pid_t got = waitpid(pid, &status, WNOHANG);
  if (got == 0) return false;
  if (got < 0) {
    how = "unknown status";
  } else if (WIFSIGNALED(status)) {
    how = "signal " + std::to_string(WTERMSIG(status));
  } else {
    how = "status " + std::to_string(WEXITSTATUS(status));
  }
  return true;
}

ProportionalMemory ProportionalMemoryOf(pid_t pid) {
  const std::string text = posix::ReadSmallFile("/proc/" + std::to_string(pid) + "/smaps_rollup");
  return {.anonymous = KilobytesOf(text, "Pss_Anon:") * 1024,
          .file = (KilobytesOf(text, "Pss_File:") + KilobytesOf(text, "Pss_Shmem:")) * 1024};
}

}  // namespace ledge
