#include "os/confine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

namespace ledge {
namespace {

// Runs it in a confined process of its own; what it returns.
int InConfinement(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    if (!ConfineProcess().ok()) _exit(99);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(Confinement, OpensNoFile) {
  EXPECT_EQ(InConfinement([] { return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(
      InConfinement([] { return open("/tmp/ledge-x", O_CREAT | O_RDWR, 0600) < 0 ? errno : 0; }),
      EPERM);
}

TEST(Confinement, MakesNoSocket) {
  for (const int family : {AF_INET, AF_INET6, AF_UNIX}) {
    EXPECT_EQ(InConfinement([=] { return socket(family, SOCK_STREAM, 0) < 0 ? errno : 0; }), EPERM);
  }
}

TEST(Confinement, RunsNoOtherProgramAndMakesNoProcess) {
  EXPECT_EQ(InConfinement([] {
              char* const argv[] = {nullptr};
              return execv("/bin/true", argv) < 0 ? errno : 0;
            }),
            EPERM);
  EXPECT_EQ(InConfinement([] {
              const pid_t child = fork();
              if (child == 0) _exit(0);
              return child < 0 ? errno : 0;
            }),
            EPERM);
}

TEST(Confinement, SignalsNobodyElse) {
  EXPECT_EQ(InConfinement([] { return kill(getppid(), 0) < 0 ? errno : 0; }), EPERM);
}

TEST(Confinement, MapsNothingThatCouldBeRun) {
  EXPECT_EQ(InConfinement([] {
              return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                          0) == MAP_FAILED
                         ? errno
                         : 0;
            }),
            EPERM);
}

TEST(Confinement, LeavesThreadsMemoryAndOpenDescriptors) {
  EXPECT_EQ(InConfinement([] {
              int sum = 0;
              std::thread([&] { sum = 41; }).join();
              std::vector<char> large(64 << 20, 1);
              int ends[2] = {1, 1};
              return write(ends[0], "", 0) == 0 && large.back() == 1 ? sum + 1 : 0;
            }),
            42);
}

}  // namespace
}  // namespace ledge
