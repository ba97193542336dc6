#include "cli/answer_printer.h"

#include <string>

namespace ledge {
namespace {

// ECMA-48, "Select graphic rendition".
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kPlain = "\x1b[0m\n\n";

}  // namespace

AnswerPrinter::AnswerPrinter(Program& program)
    : program_(program), is_terminal_(program.stdout_is_terminal()), safe_(is_terminal_) {}

void AnswerPrinter::Print(const AnswerPart& part) {
  if (is_terminal_ && !part.reasoning.empty()) {
    if (!thinking_) program_.Print(kDim);
    thinking_ = true;
    program_.Print(safe_.Pass(part.reasoning));
  }
  if (part.content.empty()) return;
  End();
  program_.Print(safe_.Pass(part.content));
}

void AnswerPrinter::End() {
  if (thinking_) program_.Print(kPlain);
  thinking_ = false;
}

}  // namespace ledge
