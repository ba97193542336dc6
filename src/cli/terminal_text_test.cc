#include "cli/terminal_text.h"

#include <gmock/gmock.h>

namespace ledge {
namespace {

TEST(TerminalText, StopsEscapeSequences) {
  const TerminalText text(true);
  EXPECT_EQ(text.Pass("a\x1b[2Jb\x07"), "a\uFFFD[2Jb\uFFFD");
  EXPECT_EQ(text.Pass("\xC2\x9B"
                      "31m"),
            "\uFFFD31m");  // the one-character form of ESC [
  EXPECT_EQ(text.Pass("\u202Egnp.exe"), "\uFFFDgnp.exe");
}

TEST(TerminalText, LeavesOrdinaryTextAlone) {
  const std::string text = "Zeile 1\n\tZeile 2: äöü 日本語 🙂";
  EXPECT_EQ(TerminalText(true).Pass(text), text);
}

TEST(TerminalText, LeavesPipesAlone) { EXPECT_EQ(TerminalText(false).Pass("\x1b[0m"), "\x1b[0m"); }

}  // namespace
}  // namespace ledge
