#include "cli/line_editor.h"

#include <histedit.h>
#include <signal.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>

namespace ledge {
namespace {

constexpr int kHistoryLines = 500;
volatile sig_atomic_t g_interrupted = 0;

void OnInterrupt(int) { g_interrupted = 1; }

}  // namespace

struct LineEditor::State {
  EditLine* edit = nullptr;
  History* history = nullptr;
  std::string prompt;
};

namespace {

char* Prompt(EditLine* edit) {
  std::string* prompt = nullptr;
  el_get(edit, EL_CLIENTDATA, &prompt);
  return prompt->data();
}

}  // namespace

LineEditor::LineEditor() : state_(std::make_unique<State>()) {
  // libedit reads characters in the locale's encoding; in the C locale it would tear UTF-8 apart.
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1)
    std::setlocale(LC_CTYPE, "C.UTF-8");
  state_->history = history_init();
  HistEvent event;
  history(state_->history, &event, H_SETSIZE, kHistoryLines);
  history(state_->history, &event, H_SETUNIQUE, 1);
  state_->edit = el_init("ledge", stdin, stderr, stderr);
  el_set(state_->edit, EL_CLIENTDATA, &state_->prompt);
  el_set(state_->edit, EL_PROMPT, Prompt);
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
  action.sa_handler = OnInterrupt;  // no SA_RESTART: the read ends
  sigaction(SIGINT, &action, &old);
  g_interrupted = 0;
  // Left to itself libedit shows the prompt first and switches the terminal over behind it: what is
  // typed in between would be read by the rules of before, and a Ctrl-D lost.
  el_set(state_->edit, EL_PREP_TERM, 1);
  int count = 0;
  const char* text = el_gets(state_->edit, &count);
  sigaction(SIGINT, &old, nullptr);
  if (g_interrupted != 0) {
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
