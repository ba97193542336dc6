// Reads what a person types at a terminal, with history and line editing (libedit).
#pragma once

#include <memory>
#include <string>

namespace ledge {

class LineEditor {
 public:
  LineEditor();
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  enum class Outcome { kLine, kEnd, kInterrupted };
  // `line` without its newline. kEnd is Ctrl-D on an empty line, kInterrupted is Ctrl-C.
  Outcome Read(const std::string& prompt, std::string& line);
  void Remember(const std::string& line);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ledge
