#include "os/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "os/posix/posix.h"

extern char** environ;

namespace ledge {
namespace {

constexpr size_t kKeptOutput = 64 * 1024;

// Reads until the end or the deadline; keeps the tail. False when time ran out.
bool Drain(int fd, std::chrono::steady_clock::time_point deadline, std::string& kept) {
  std::array<char, 4096> buffer;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd wait{fd, POLLIN, 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::min<int64_t>(left.count(), 1000)));
    if (ready <= 0) continue;
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    kept.append(buffer.data(), static_cast<size_t>(got));
    if (kept.size() > 2 * kKeptOutput) kept.erase(0, kept.size() - kKeptOutput);
  }
}

}  // namespace

Result<ProcessResult> RunProcess(const std::vector<std::string>& arguments,
                                 const ProcessOptions& options) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return MakeError(Code::kInternal, "{}: no pipe: {}", arguments[0], std::strerror(errno));
  }
  posix::Fd read_end(ends[0]);
  posix::Fd write_end(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
  if (!options.show_stderr)
    posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDERR_FILENO);

  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return MakeError(failed == ENOENT ? Code::kNotFound : Code::kInternal,
                     "{}: could not be started: {}", arguments[0], std::strerror(failed));
  }
  write_end.Close();
  ProcessResult result;
  if (!Drain(read_end.get(), std::chrono::steady_clock::now() + options.limit, result.output))
    kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (result.output.size() > kKeptOutput)
    result.output.erase(0, result.output.size() - kKeptOutput);
  result.exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace ledge
