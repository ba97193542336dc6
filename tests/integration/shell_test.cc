// Completions in the shells themselves, and manual pages through the typesetter. What isn't on the
// machine is skipped, and said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/program.h"

namespace ledge {
namespace {

using testing::AsText;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::JsonOf;
using testing::Ledge;
using testing::LlamaSource;
using ::testing::Not;
using testing::Outcome;
using testing::Refused;
using testing::Succeeded;
using ::testing::UnorderedElementsAre;

bool OnThisMachine(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

// What a command prints, run by a shell in the test's world.
std::string Printed(const Ledge& ledge, const std::string& command) {
  std::string line = "cd '" + ledge.folder().path() + "' && env -i";
  for (const auto& [name, value] : ledge.Env()) line += " " + name + "='" + value + "'";
  line += " " + command + " 2>&1";
  std::string text;
  std::FILE* const pipe = ::popen(line.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  char buffer[4096];
  while (const size_t got = std::fread(buffer, 1, sizeof(buffer), pipe)) text.append(buffer, got);
  ::pclose(pipe);
  return text;
}

std::string ProgramPath() { return std::filesystem::absolute(LEDGE_PROGRAM).string(); }

// A folder with a script, and a store with the models tiny and org/small:q8.
class Completion : public ::testing::Test {
 protected:
  void Prepare(const std::string& shell) {
    if (!OnThisMachine(shell)) GTEST_SKIP() << shell << " is not on this machine";
    const std::string model = ledge_.folder().Write("tiny.gguf", AsText(LlamaSource().Build()));
    for (const char* name : {"tiny", "org/small:q8"})
      ASSERT_TRUE(Succeeded(ledge_.Run({"import", model, "--name", name})));
    ledge_.folder().Write("file.txt", "x");
    const Outcome script = ledge_.Run({"completion", shell});
    ASSERT_TRUE(Succeeded(script));
    script_ = ledge_.folder().Write("script", script.out);
  }

  // The candidates that bash offers for the last of the words, which it has split already.
  std::vector<std::string> Bash(const std::vector<std::string>& words) {
    std::string text = "source '" + script_ + "'\nCOMP_WORDS=('" + ProgramPath() + "'";
    for (const std::string& word : words) text += " '" + word + "'";
    text += ")\nCOMP_CWORD=" + std::to_string(words.size()) +
            "\n_ledge \"${COMP_WORDS[0]}\" || exit 1\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    const std::string path = ledge_.folder().Write("ask.bash", text);
    return Lines(Printed(ledge_, "bash --noprofile --norc '" + path + "'"));
  }

  // Those that fish offers for a command line, without what it says of them.
  std::vector<std::string> Fish(const std::string& line) {
    const std::string path =
        ledge_.folder().Write("ask.fish", "source '" + script_ + "'\ncomplete -C 'ledge " + line +
                                              "' | string split -f1 \\t\n");
    const std::string folder = std::filesystem::path(ProgramPath()).parent_path().string();
    return Lines(Printed(ledge_, "PATH='" + folder + "':$PATH fish --no-config '" + path + "'"));
  }

  static std::vector<std::string> Lines(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
      if (!line.empty()) lines.push_back(line);
    }
    return lines;
  }

  Ledge ledge_;
  std::string script_;
};

TEST_F(Completion, InBash) {
  Prepare("bash");
  if (IsSkipped()) return;
  EXPECT_THAT(Bash({"sh"}), ElementsAre("show"));
  EXPECT_THAT(Bash({"run", "--kv"}), ElementsAre("--kv-type"));
  EXPECT_THAT(Bash({"run", "--kv-type", ""}), ElementsAre("f32", "f16", "q8"));
  EXPECT_THAT(Bash({"run", "--kv-type", "=", "q"}), ElementsAre("q8"));
  EXPECT_THAT(Bash({"run", "--kv-type", "="}), ElementsAre("f32", "f16", "q8"));
  EXPECT_THAT(Bash({"--home", ledge_.home(), "run", "--kv-type=f3"}), ElementsAre("--kv-type=f32"));
  EXPECT_THAT(Bash({"rm", ""}), UnorderedElementsAre("tiny", "org/small:q8"));
  EXPECT_THAT(Bash({"rm", "tiny", "o"}), ElementsAre("org/small:q8"));
  EXPECT_THAT(Bash({"rm", "org/small", ":", "q"}), ElementsAre("q8"));
  EXPECT_THAT(Bash({"run", "--ctx", "5", "ti"}), UnorderedElementsAre("tiny", "tiny.gguf"));
  EXPECT_THAT(Bash({"run", "./ti"}), ElementsAre("./tiny.gguf"));
  EXPECT_THAT(Bash({"--home", "/nowhere", "show", "t"}), IsEmpty());
  EXPECT_THAT(Bash({"export", "tiny", "-o", "fi"}), ElementsAre("file.txt"));
  EXPECT_THAT(Bash({"completion", ""}), ElementsAre("bash", "zsh", "fish"));
  EXPECT_THAT(Bash({"run", "--max-tokens", ""}), IsEmpty());
  EXPECT_THAT(Bash({"nonsense", "x"}), IsEmpty());
}

TEST_F(Completion, InFish) {
  Prepare("fish");
  if (IsSkipped()) return;
  EXPECT_EQ(Printed(ledge_, "fish --no-execute '" + script_ + "'"), "");
  EXPECT_THAT(Fish("sh"), ElementsAre("show"));
  EXPECT_THAT(Fish("run --kv-type "), UnorderedElementsAre("f32", "f16", "q8"));
  EXPECT_THAT(Fish("rm tiny o"), ElementsAre("org/small:q8"));
  EXPECT_THAT(Fish("--home /nowhere show t"), IsEmpty());
  EXPECT_THAT(Fish("run ./ti"), ElementsAre("./tiny.gguf"));
}

TEST_F(Completion, InZshIsWellFormed) {
  Prepare("zsh");
  if (IsSkipped()) return;
  EXPECT_EQ(Printed(ledge_, "zsh -f -n '" + script_ + "'"), "");
}

TEST_F(Completion, NamesEveryOptionOfEveryCommand) {
  const auto settings = JsonOf(ledge_.Run({"config", "--json"}))["settings"];
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = ledge_.Run({"completion", shell}).out;
    for (const auto& entry : settings) {
      const std::string key = entry["key"];
      EXPECT_THAT(script, HasSubstr((shell == std::string("fish") ? "-l " : "--") + key)) << shell;
    }
  }
}

TEST_F(Completion, WorksWhateverIsConfigured) {
  ledge_.folder().Write("user/.config/ledge/ledge.toml", "not toml");
  EXPECT_TRUE(Succeeded(ledge_.Run({"completion", "bash"})));
  EXPECT_TRUE(Succeeded(ledge_.Run({"man"})));
  EXPECT_TRUE(Refused(ledge_.Run({"completion", "tcsh"}), 2, "'tcsh'"));
  EXPECT_TRUE(Refused(ledge_.Run({"man", "nothing"}), 2, "'nothing'"));
}

TEST(ManPages, AreWrittenForEveryCommand) {
  const Ledge ledge;
  const std::string folder = ledge.folder() / "man/man1";
  ASSERT_TRUE(Succeeded(ledge.Run({"man", "--write-all", folder})));
  size_t pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().stem().string();
    const std::string page = testing::ReadWholeFile(entry.path().string());
    ++pages;
    EXPECT_THAT(page, HasSubstr(".SH NAME\n"));
    EXPECT_THAT(page, HasSubstr(".SH EXAMPLES\n"));
    EXPECT_THAT(page, Not(HasSubstr(ledge.home()))) << "what is this machine's own";
    const Outcome printed =
        name == "ledge" ? ledge.Run({"man"}) : ledge.Run({"man", name.substr(6)});
    EXPECT_EQ(printed.out, page);
  }
  EXPECT_GE(pages, 19U);
}

TEST(ManPages, AreSetWithoutComplaint) {
  if (!OnThisMachine("groff")) GTEST_SKIP() << "groff is not on this machine";
  const Ledge ledge;
  const std::string folder = ledge.folder() / "pages";
  ASSERT_TRUE(Succeeded(ledge.Run({"man", "--write-all", folder})));
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string path = entry.path().string();
    EXPECT_EQ(Printed(ledge, "groff -man -Tutf8 -ww -z '" + path + "'"), "") << path;
  }
}

}  // namespace
}  // namespace ledge
