#include "cli/line_editor.h"

#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>

namespace ledge {
namespace {

constexpr int kHistoryLines = 500;

// Counts interrupts. Waiting for it and for the terminal at once misses none: a flag alone, looked
// at before a blocking read, would miss the one that comes in between, or that another thread took.
int g_wake = -1;

void OnInterrupt(int) {
  const int saved = errno;
  const uint64_t one = 1;
  // Nothing could be done about a failure.
  [[maybe_unused]] const ssize_t written = write(g_wake, &one, sizeof(one));
  errno = saved;
}

}  // namespace

struct LineEditor::State {
  EditLine* edit = nullptr;
  History* history = nullptr;
  std::string prompt;
  bool interrupted = false;

  static State& Of(EditLine* edit) {
    State* state = nullptr;
    el_get(edit, EL_CLIENTDATA, &state);
    return *state;
  }
  static char* Prompt(EditLine* edit) { return Of(edit).prompt.data(); }
  static int ReadCharacter(EditLine* edit, wchar_t* character);
};

// The next character: 1; 0 at the end of input; -1 with the line to be given up.
int LineEditor::State::ReadCharacter(EditLine* edit, wchar_t* character) {
  State& state = Of(edit);
  std::mbstate_t partial{};
  while (true) {
    std::array<pollfd, 2> ready = {{{g_wake, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
    if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return -1;
    if (ready[0].revents != 0) {
      state.interrupted = true;
      return -1;
    }
    if (ready[1].revents == 0) continue;
    char byte = 0;
    const ssize_t count = read(STDIN_FILENO, &byte, 1);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return static_cast<int>(count);
    const size_t used = std::mbrtowc(character, &byte, 1, &partial);
    if (used == static_cast<size_t>(-2)) continue;  // more bytes of it to come
    if (used == static_cast<size_t>(-1)) {
      partial = {};  // no text: left out
      continue;
    }
    return 1;
  }
}

LineEditor::LineEditor() : state_(std::make_unique<State>()) {
  // libedit reads characters in the locale's encoding; in the C locale it would tear UTF-8 apart.
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1)
    std::setlocale(LC_CTYPE, "C.UTF-8");
  state_->history = history_init();
  HistEvent event;
  history(state_->history, &event, H_SETSIZE, kHistoryLines);
  history(state_->history, &event, H_SETUNIQUE, 1);
  state_->edit = el_init("ledge", stdin, stderr, stderr);
  el_set(state_->edit, EL_CLIENTDATA, state_.get());
  el_set(state_->edit, EL_PROMPT, State::Prompt);
  el_set(state_->edit, EL_GETCFN, State::ReadCharacter);
  el_set(state_->edit, EL_EDITOR, "emacs");
  el_set(state_->edit, EL_HIST, history, state_->history);
  el_set(state_->edit, EL_SIGNAL, 0);
}

LineEditor::~LineEditor() {
  el_end(state_->edit);
  history_end(state_->history);
}

LineEditor::Outcome LineEditor::Read(const std::string& prompt, std::string& line) {
  state_->prompt = prompt;
  struct sigaction action = {};
  struct sigaction old = {};
  action.sa_handler = OnInterrupt;
  state_->interrupted = false;
  g_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  sigaction(SIGINT, &action, &old);
  // Left to itself libedit shows the prompt first and switches the terminal over behind it: what is
  // typed in between would be read by the rules of before, and a Ctrl-D lost.
  el_set(state_->edit, EL_PREP_TERM, 1);
  int count = 0;
  const char* text = el_gets(state_->edit, &count);
  sigaction(SIGINT, &old, nullptr);
  close(g_wake);
  if (state_->interrupted) {
    el_reset(state_->edit);
    return Outcome::kInterrupted;
  }
  if (text == nullptr || count <= 0) return Outcome::kEnd;
  line.assign(text, static_cast<size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return Outcome::kLine;
}

void LineEditor::Remember(const std::string& line) {
  HistEvent event;
  if (!line.empty()) history(state_->history, &event, H_ENTER, line.c_str());
}

}  // namespace ledge
