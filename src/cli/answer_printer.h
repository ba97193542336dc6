// An answer on its way to standard output, as it comes.
#pragma once

#include <cstdint>

#include "api/answer.h"
#include "cli/program.h"
#include "cli/terminal_text.h"

namespace ledge {

// What a model thinks is no part of its answer: on a terminal it is shown dim in front of it,
// elsewhere it isn't printed.
class AnswerPrinter {
 public:
  explicit AnswerPrinter(Program& program);
  void Print(const AnswerPart& part);
  // At the answer's end, wherever it broke off.
  void End();

 private:
  Program& program_;
  bool is_terminal_;
  TerminalText safe_;
  bool thinking_ = false;  // the terminal is dim
};

}  // namespace ledge
