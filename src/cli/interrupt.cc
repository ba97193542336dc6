#include "cli/interrupt.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <string_view>

namespace ledge {
namespace {

constexpr time_t kPatienceSeconds = 3;
constexpr int kInterruptedStatus = 130;

std::atomic<StopFlag*> g_flag{nullptr};
std::atomic<int> g_signal{0};
std::atomic<time_t> g_first{0};
std::atomic<const bool*> g_json{nullptr};
struct sigaction g_old_int;
struct sigaction g_old_term;

time_t Seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

void WriteRaw(int fd, std::string_view text) {
  // Nothing could be done about a failure.
  [[maybe_unused]] const ssize_t written = write(fd, text.data(), text.size());
}

// Async-signal-safe, as OnSignal: atomics, write, _exit, clock_gettime.
void OnSignalWithoutGuard(int) {
  const bool* json = g_json.load();
  if (json != nullptr && *json) {
    WriteRaw(STDOUT_FILENO, "{\"error\":{\"code\":\"interrupted\",\"message\":\"interrupted\"}}\n");
  }
  WriteRaw(STDERR_FILENO, "ledge: interrupted\n");
  _exit(kInterruptedStatus);
}

void OnSignal(int number) {
  StopFlag* flag = g_flag.load();
  if (g_signal.load() != 0 && Seconds() - g_first.load() >= kPatienceSeconds)
    OnSignalWithoutGuard(number);
  if (g_signal.load() == 0) g_first.store(Seconds());
  g_signal.store(number);
  if (flag != nullptr) flag->Set(StopFlag::Ask::kStop);
}

}  // namespace

InterruptGuard::InterruptGuard(StopFlag& flag) {
  g_signal.store(0);
  g_flag.store(&flag);
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &g_old_int);
  sigaction(SIGTERM, &action, &g_old_term);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &g_old_int, nullptr);
  sigaction(SIGTERM, &g_old_term, nullptr);
  g_flag.store(nullptr);
}

void ExitOnInterrupts(const bool& json) {
  g_json.store(&json);
  struct sigaction action = {};
  action.sa_handler = OnSignalWithoutGuard;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool InterruptGuard::interrupted() const { return g_signal.load() != 0; }
bool InterruptGuard::terminated() const { return g_signal.load() == SIGTERM; }

void InterruptGuard::Reset() {
  g_signal.store(0);
  if (StopFlag* flag = g_flag.load(); flag != nullptr) flag->Set(StopFlag::Ask::kGoOn);
}

}  // namespace ledge
