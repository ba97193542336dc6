// Runs the real binary, each time in a world of its own: a home for the store, a HOME, a clean
// environment, a limit of time. Only for tests in tests/integration, which know LEDGE_PROGRAM.
//
// In a cross build LEDGE_EMULATOR is what runs the binary, with its flags, separated by spaces.
//
//   const Ledge ledge;
//   const Outcome done = ledge.Run({"list", "--json"});
//   EXPECT_EQ(done.status, 0) << done.err;
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "testing/temp_dir.h"

namespace ledge::testing {

// What a refusal of a malformed file may cost.
inline constexpr double kRefusalSeconds = 10;
inline constexpr uint64_t kRefusalBytes = uint64_t{512} << 20;

using Arguments = std::vector<std::string>;

struct Outcome {
  int status = -1;  // of exit; -1 if a signal ended it
  int signal = 0;
  bool timed_out = false;  // and was killed
  std::string out;
  std::string err;
  double seconds = 0;
  uint64_t max_rss = 0;  // bytes
};

struct RunOptions {
  std::string input;                       // of standard input, which then ends
  std::map<std::string, std::string> env;  // beside, or instead of, what Ledge sets; "" unsets
  std::string folder;                      // to run in
  std::string stdout_path;                 // instead of catching it
  Arguments emulator;                      // what runs it, with flags; else as the build says
  double limit_seconds = 60;
};

namespace program_detail {

inline Arguments DefaultEmulator() {
#ifdef LEDGE_EMULATOR
  std::istringstream words(LEDGE_EMULATOR);
  return {std::istream_iterator<std::string>(words), {}};
#else
  return {};
#endif
}

inline void ExecOrDie(const Arguments& arguments, const std::map<std::string, std::string>& env,
                      const std::string& folder, Arguments emulator = {}) {
  std::vector<char*> argv;
  if (emulator.empty()) emulator = DefaultEmulator();
  for (std::string& word : emulator) argv.push_back(word.data());
  std::string program = std::filesystem::absolute(LEDGE_PROGRAM).string();
  argv.push_back(program.data());
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<std::string> lines;
  for (const auto& [name, value] : env) {
    if (!value.empty()) lines.push_back(name + "=" + value);
  }
  std::vector<char*> envp;
  for (std::string& line : lines) envp.push_back(line.data());
  envp.push_back(nullptr);
  if (!folder.empty() && ::chdir(folder.c_str()) != 0) ::_exit(126);
  ::execvpe(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

inline void Reopen(int to, const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags, 0600);
  if (fd < 0 || ::dup2(fd, to) < 0) ::_exit(125);
  ::close(fd);
}

inline double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Waits, and kills it when time is up.
inline void WaitFor(pid_t child, std::chrono::steady_clock::time_point begin, double limit,
                    Outcome& outcome) {
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, WNOHANG, &usage) == 0) {
    if (!outcome.timed_out && SecondsSince(begin) > limit) {
      outcome.timed_out = true;
      ::kill(child, SIGKILL);
    }
    ::usleep(500);
  }
  outcome.seconds = SecondsSince(begin);
  outcome.max_rss = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
}

}  // namespace program_detail

// A process that was started; Wait() must be called.
class Child {
 public:
  Child(const Arguments& arguments, const std::map<std::string, std::string>& env,
        const RunOptions& options)
      : limit_(options.limit_seconds), begin_(std::chrono::steady_clock::now()) {
    files_.Write("in", options.input);
    const std::string out = options.stdout_path.empty() ? files_ / "out" : options.stdout_path;
    child_ = ::fork();
    if (child_ != 0) return;
    program_detail::Reopen(STDIN_FILENO, files_ / "in", O_RDONLY);
    program_detail::Reopen(STDOUT_FILENO, out, O_WRONLY | O_CREAT);
    program_detail::Reopen(STDERR_FILENO, files_ / "err", O_WRONLY | O_CREAT);
    program_detail::ExecOrDie(arguments, env, options.folder, options.emulator);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Signal(int number) const { ::kill(child_, number); }
  std::string OutSoFar() const { return ReadWholeFile(files_ / "out"); }
  // False if the limit passes before there is any output.
  bool WaitForOutput() const {
    while (OutSoFar().empty()) {
      if (program_detail::SecondsSince(begin_) > limit_) return false;
      ::usleep(1000);
    }
    return true;
  }
  Outcome Wait() {
    Outcome outcome;
    program_detail::WaitFor(child_, begin_, limit_, outcome);
    outcome.out = ReadWholeFile(files_ / "out");
    outcome.err = ReadWholeFile(files_ / "err");
    return outcome;
  }

 private:
  TempDir files_;
  double limit_;
  std::chrono::steady_clock::time_point begin_;
  pid_t child_ = -1;
};

// The program on a terminal of its own.
class Terminal {
 public:
  Terminal(const Arguments& arguments, const std::map<std::string, std::string>& env)
      : begin_(std::chrono::steady_clock::now()) {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) return;
    const std::string name = ::ptsname(master_);
    const winsize size{.ws_row = 24, .ws_col = 200, .ws_xpixel = 0, .ws_ypixel = 0};
    ::ioctl(master_, TIOCSWINSZ, &size);
    child_ = ::fork();
    if (child_ != 0) return;
    ::setsid();  // the terminal opened next becomes the controlling one
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      program_detail::Reopen(fd, name, O_RDWR);
    program_detail::ExecOrDie(arguments, env, "");
  }
  ~Terminal() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    if (master_ >= 0) ::close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool ok() const { return child_ > 0; }
  // Seconds of processor time that the program has used.
  double CpuSeconds() const {
    clockid_t clock;
    timespec time{};
    if (::clock_getcpuclockid(child_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return -1;
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }
  void Type(std::string_view text) const {
    // A terminal takes a line at least; tests type no more.
    [[maybe_unused]] const ssize_t written = ::write(master_, text.data(), text.size());
  }
  // Reads until `text` comes, and forgets everything up to its end. False after `seconds`, or at
  // the end.
  bool Expect(std::string_view text, double seconds = 20) {
    const auto begin = std::chrono::steady_clock::now();
    while (seen_.find(text) == std::string::npos) {
      if (program_detail::SecondsSince(begin) > seconds || !ReadSome()) return false;
    }
    last_ = seen_.substr(0, seen_.find(text));
    seen_.erase(0, seen_.find(text) + text.size());
    return true;
  }
  // What came before the text that was expected last.
  const std::string& before() const { return last_; }
  const std::string& unread() const { return seen_; }
  // Reads the rest, until the program has ended.
  Outcome Wait(double seconds = 20) {
    Outcome outcome;
    const auto begin = std::chrono::steady_clock::now();
    while (program_detail::SecondsSince(begin) < seconds && ReadSome()) {
    }
    program_detail::WaitFor(std::exchange(child_, -1), begin, seconds, outcome);
    outcome.out = seen_;
    return outcome;
  }

 private:
  // False at the end.
  bool ReadSome() {
    pollfd wait{master_, POLLIN, 0};
    if (::poll(&wait, 1, 50) <= 0) return true;
    char buffer[4096];
    const ssize_t got = ::read(master_, buffer, sizeof(buffer));
    if (got <= 0) return false;  // EIO once nobody has the terminal open
    seen_.append(buffer, static_cast<size_t>(got));
    return true;
  }

  int master_ = -1;
  pid_t child_ = -1;
  std::chrono::steady_clock::time_point begin_;
  std::string seen_;
  std::string last_;
};

class Ledge {
 public:
  std::string home() const { return folder_ / "home"; }
  std::string user() const { return folder_ / "user"; }
  const TempDir& folder() const { return folder_; }

  std::map<std::string, std::string> Env(
      const std::map<std::string, std::string>& changes = {}) const {
    std::filesystem::create_directories(user());
    std::map<std::string, std::string> env = {{"HOME", user()},
                                              {"LEDGE_HOME", home()},
                                              {"LANG", "C.UTF-8"},
                                              {"TERM", "dumb"},
                                              {"TMPDIR", folder_.path()}};
    for (const char* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}) {
      if (const char* value = std::getenv(name)) env[name] = value;
    }
    for (const auto& [name, value] : changes) env[name] = value;
    return env;
  }
  Outcome Run(const Arguments& arguments, const RunOptions& options = {}) const {
    return Child(arguments, Env(options.env), options).Wait();
  }
  std::unique_ptr<Child> Start(const Arguments& arguments, const RunOptions& options = {}) const {
    return std::make_unique<Child>(arguments, Env(options.env), options);
  }

  // Every file of the store with its contents, but for locks, which come and go.
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    if (!std::filesystem::exists(home())) return files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home())) {
      if (!entry.is_regular_file() || entry.path().extension() == ".lock") continue;
      files[std::filesystem::relative(entry.path(), home()).string()] =
          ReadWholeFile(entry.path().string());
    }
    return files;
  }
  // Paths of the packed files.
  std::vector<std::string> PackedFiles() const {
    std::vector<std::string> paths;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(home() + "/models", none)) {
      if (entry.path().extension() == ".ledge") paths.push_back(entry.path().string());
    }
    return paths;
  }

 private:
  TempDir folder_;
};

inline std::string Shown(const Outcome& done) {
  return "status " + std::to_string(done.status) + ", signal " + std::to_string(done.signal) +
         (done.timed_out ? ", timed out" : "") + "\nstdout: " + done.out.substr(0, 2000) +
         "\nstderr: " + done.err.substr(0, 2000);
}

// One line that begins with "ledge: ", ends the text, and is fit for a terminal.
inline ::testing::AssertionResult IsErrorLine(std::string_view text) {
  const auto wrong = [&](const char* what) {
    return ::testing::AssertionFailure() << what << ": " << text.substr(0, 3000);
  };
  if (!text.ends_with('\n')) return wrong("no line");
  text.remove_suffix(1);
  if (!text.starts_with("ledge: ")) return wrong("does not begin with 'ledge: '");
  if (text.size() > 1000) return wrong("longer than 1,000 bytes");
  while (!text.empty()) {
    const char32_t rune = Utf8Next(text);
    if (rune == kInvalidRune) return wrong("not UTF-8");
    if (rune < 0x20 || (rune >= 0x7F && rune < 0xA0))
      return wrong("holds a control character or a second line");
  }
  return ::testing::AssertionSuccess();
}

// Ended with that status and one error line that holds `words`, without a signal.
inline ::testing::AssertionResult Failed(const Outcome& done, int status,
                                         std::string_view words = "") {
  if (done.signal != 0 || done.timed_out || done.status != status) {
    return ::testing::AssertionFailure() << "expected status " << status << "; " << Shown(done);
  }
  if (done.err.find(words) == std::string::npos) {
    return ::testing::AssertionFailure() << "no '" << words << "'; " << Shown(done);
  }
  // Warnings and notes may come before; the error is one line, the last.
  const size_t last =
      done.err.size() < 2 ? std::string::npos : done.err.rfind('\n', done.err.size() - 2);
  const std::string line = last == std::string::npos ? done.err : done.err.substr(last + 1);
  return IsErrorLine(line);
}

// The same with nothing but that line, and within what a refusal may cost.
inline ::testing::AssertionResult Refused(const Outcome& done, int status,
                                          std::string_view words = "") {
  if (const auto failed = Failed(done, status, words); !failed) return failed;
  if (const auto line = IsErrorLine(done.err); !line) return line;
  if (done.seconds > kRefusalSeconds || done.max_rss > kRefusalBytes) {
    return ::testing::AssertionFailure()
           << done.seconds << " s, " << done.max_rss << " bytes; " << Shown(done);
  }
  return ::testing::AssertionSuccess();
}

inline ::testing::AssertionResult Succeeded(const Outcome& done) {
  if (done.status == 0 && !done.timed_out) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << Shown(done);
}

// The one document on stdout; null with a failure where there is none, or more.
inline nlohmann::json JsonOf(const Outcome& done) {
  auto document = nlohmann::json::parse(done.out, nullptr, false);
  if (!document.is_discarded()) return document;
  ADD_FAILURE() << "not one JSON document; " << Shown(done);
  return {};
}

}  // namespace ledge::testing
