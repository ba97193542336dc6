// Every option of every command, given what no option expects: from flags and from variables. The
// list of options is the program's own, so a new one is tested without a word here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/program.h"

namespace ledge {
namespace {

using testing::Arguments;
using testing::AsText;
using ::testing::HasSubstr;
using testing::JsonOf;
using testing::Ledge;
using testing::LlamaSource;
using testing::Outcome;
using testing::RunOptions;
using testing::Succeeded;

const std::vector<std::string>& HostileValues() {
  static const std::vector<std::string> values = {"",
                                                  "-1",
                                                  "nan",
                                                  "99999999999999999999",
                                                  "1e999",
                                                  "\x1b[2J\x1b]0;x\x07",
                                                  "a\nledge: b",
                                                  "\xff\xfe\x80",
                                                  "--",
                                                  "%s%n%s",
                                                  "../../../etc/passwd/x",
                                                  "\xe2\x80\xae",
                                                  std::string(100'000, 'x')};
  return values;
}

// What each command needs to be called at all, with little to do.
std::map<std::string, Arguments> Calls(const std::string& model) {
  return {
      {"", {"list"}},
      {"bench", {"bench", model, "--n-prompt", "1", "--n-gen", "1", "--repetitions", "1"}},
      {"detokenize", {"detokenize", model}},
      {"eval", {"eval", model, "--text", model, "--chunks", "1", "--ctx", "16"}},
      {"export", {"export", "tiny", "--output", "exported.gguf"}},
      {"gc", {"gc"}},
      {"import", {"import", model}},
      {"inspect", {"inspect", model}},
      {"load", {"load", "tiny", "--server", "http://127.0.0.1:1"}},
      {"load-test", {"load-test", "http://127.0.0.1:1", "--model", "m", "--requests", "1"}},
      {"logits", {"logits", model, "--ids", "1"}},
      {"ps", {"ps", "--server", "http://127.0.0.1:1"}},
      {"pull", {"pull", "nobody"}},
      {"run", {"run", model, "--raw", "--max-tokens", "1", "a"}},
      // It would go on serving if the model were there.
      {"serve", {"serve", "--listen", "127.0.0.1:0", "--model", "./nobody.gguf"}},
      {"synth", {"synth", "--shape", "tiny", "--output", "synthetic.gguf"}},
      {"tokenize", {"tokenize", model}},
      {"man", {"man"}},
      {"unload", {"unload", "tiny", "--server", "http://127.0.0.1:1"}},
  };
}

// No signal, no hang; on failure one clean error line as the last one and, where asked for, a
// document.
::testing::AssertionResult EndedWell(const Outcome& done, bool json) {
  if (done.signal != 0 || done.timed_out || done.status < 0 || done.status > 7)
    return ::testing::AssertionFailure() << testing::Shown(done);
  if (json && !nlohmann::json::accept(done.out))
    return ::testing::AssertionFailure() << "stdout is no JSON document; " << testing::Shown(done);
  return done.status == 0 ? ::testing::AssertionSuccess() : testing::Failed(done, done.status);
}

struct Known {
  std::string command;
  std::string key;
};

std::vector<Known> AllOptions(const Ledge& ledge) {
  std::vector<Known> options;
  const auto document = JsonOf(ledge.Run({"config", "--json"}));
  for (const auto& entry : document.value("settings", nlohmann::json::array())) {
    const auto& command = entry["command"];
    options.push_back({command.is_null() ? "" : command.get<std::string>(), entry["key"]});
  }
  return options;
}

class Options : public ::testing::Test {
 protected:
  Options() {
    model_ = ledge_.folder().Write("work/tiny.gguf", AsText(LlamaSource().Build()));
    EXPECT_TRUE(Succeeded(ledge_.Run({"import", model_, "--name", "tiny"})));
  }
  RunOptions In(const std::map<std::string, std::string>& env = {}) const {
    return {.input = "[1]", .env = env, .folder = ledge_.folder() / "work", .limit_seconds = 30};
  }
  bool TakesJson(const std::string& command) {
    const auto [entry, is_new] = json_.try_emplace(command, false);
    if (is_new)
      entry->second = ledge_.Run({command, "--help"}).out.find("--json") != std::string::npos;
    return entry->second;
  }

  Ledge ledge_;
  std::string model_;
  std::map<std::string, bool> json_;
};

TEST_F(Options, BearAnyValue) {
  const auto calls = Calls(model_);
  for (const Known& option : AllOptions(ledge_)) {
    ASSERT_TRUE(calls.contains(option.command)) << "say above how to call " << option.command;
    for (const std::string& value : HostileValues()) {
      SCOPED_TRACE(option.command + " --" + option.key + " '" + value.substr(0, 30) + "'");
      Arguments arguments = calls.at(option.command);
      const bool json = TakesJson(arguments[0]);
      arguments.insert(arguments.begin() + 1, "--" + option.key + "=" + value);
      if (json) arguments.emplace_back("--json");
      EXPECT_TRUE(EndedWell(ledge_.Run(arguments, In()), json));
    }
  }
}

TEST_F(Options, BearAnyVariable) {
  const auto calls = Calls(model_);
  for (const Known& option : AllOptions(ledge_)) {
    std::string variable = "LEDGE_" + option.key;
    for (char& c : variable)
      c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (const std::string value : {"\x1b[2J\n\xff", "-1"}) {
      SCOPED_TRACE(option.command + " " + variable);
      EXPECT_TRUE(EndedWell(ledge_.Run(calls.at(option.command), In({{variable, value}})), false));
    }
  }
}

TEST_F(Options, QuietCommandsSayNothingWhenAllGoesWell) {
  for (const auto& [command, call] : Calls(model_)) {
    if (command == "pull") continue;
    Arguments arguments = call;
    arguments.insert(arguments.begin(), "--quiet");
    const Outcome done = ledge_.Run(arguments, In());
    SCOPED_TRACE(command);
    EXPECT_TRUE(done.status != 0 || done.err.empty()) << done.err;
    EXPECT_TRUE(EndedWell(done, false));
  }
}

TEST_F(Options, VerboseCommandsTellHowTheyCompute) {
  const Outcome done = ledge_.Run({"-v", "run", model_, "--raw", "-n", "1", "a"},
                                  {.env = {{"LEDGE_TEMPERATURE", "0"}}});
  ASSERT_TRUE(Succeeded(done));
  EXPECT_THAT(done.err, HasSubstr("ledge: --temperature 0 (LEDGE_TEMPERATURE)\n"));
  EXPECT_THAT(done.err, HasSubstr(" threads: "));
  EXPECT_THAT(done.err, HasSubstr("physical core"));
  EXPECT_THAT(ledge_.Run({"-v", "run", model_, "--raw", "-n", "1", "-t", "1", "a"}).err,
              HasSubstr("1 threads: --threads 1; "));
}

TEST_F(Options, UnknownOnesNameTheNearest) {
  EXPECT_TRUE(testing::Refused(ledge_.Run({"run", model_, "--temprature", "1"}), 2,
                               "no option '--temprature', did you mean '--temperature'?"));
  EXPECT_TRUE(testing::Refused(ledge_.Run({"lst"}), 2, "no command 'lst', did you mean 'list'?"));
  EXPECT_TRUE(testing::Refused(ledge_.Run({"--homw", "x", "list"}), 2, "did you mean '--home'?"));
  EXPECT_TRUE(
      testing::Refused(ledge_.Run({"run", model_, "--ctx"}), 2, "--ctx needs a value; 'ledge run"));
  EXPECT_TRUE(testing::Refused(ledge_.Run({"list", "more"}), 2, "'more' is one argument too many"));
}

TEST_F(Options, AnEmptyValueIsAValue) {
  const Outcome done = ledge_.Run({"run", model_, "--raw", "--system=", "-n", "0", "a", "--json"});
  EXPECT_TRUE(Succeeded(done));
  EXPECT_TRUE(testing::Refused(ledge_.Run({"import", model_, "--name="}), 2, "''"));
}

}  // namespace
}  // namespace ledge
