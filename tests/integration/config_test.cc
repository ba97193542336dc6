// ledge.toml, LEDGE_* variables and `ledge config`, through the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/program.h"

namespace ledge {
namespace {

using testing::Arguments;
using testing::AsText;
using testing::Failed;
using ::testing::HasSubstr;
using testing::JsonOf;
using testing::Ledge;
using testing::LlamaSource;
using ::testing::Not;
using testing::Outcome;
using testing::Refused;
using testing::Succeeded;

void WriteUsers(const Ledge& ledge, const std::string& text) {
  ledge.folder().Write("user/.config/ledge/ledge.toml", text);
}

// The entry of `ledge config --json`; "" is the program's own.
nlohmann::json EntryOf(const Outcome& done, const std::string& command, const std::string& key) {
  EXPECT_TRUE(Succeeded(done));
  for (const auto& entry : JsonOf(done).value("settings", nlohmann::json::array())) {
    const auto& of = entry.at("command");
    if (entry.at("key") == key && (of.is_null() ? "" : of.get<std::string>()) == command)
      return entry;
  }
  ADD_FAILURE() << "no " << command << " " << key;
  return {};
}

TEST(Config, SaysWhereEachValueComesFrom) {
  const Ledge ledge;
  WriteUsers(ledge, "kv-type = \"q8\"\n[run]\nstop = [\"x\"]\n");
  const Outcome done = ledge.Run({"--quiet", "config", "--json"}, {.env = {{"LEDGE_CTX", "128"}}});
  EXPECT_EQ(done.err, "");
  const auto quiet = EntryOf(done, "", "quiet");
  EXPECT_EQ(quiet["value"], true);
  EXPECT_EQ(quiet["source"], "flag");
  const auto home = EntryOf(done, "", "home");
  EXPECT_EQ(home["value"], ledge.home());
  EXPECT_EQ(home["name"], "LEDGE_HOME");
  const auto ctx = EntryOf(done, "bench", "ctx");
  EXPECT_EQ(ctx["value"], 128);
  EXPECT_EQ(ctx["source"], "variable");
  const auto kv = EntryOf(done, "run", "kv-type");
  EXPECT_EQ(kv["value"], "q8");
  EXPECT_EQ(kv["source"], "file");
  EXPECT_EQ(kv["name"], ledge.user() + "/.config/ledge/ledge.toml");
  EXPECT_EQ(kv["line"], 1);
  EXPECT_EQ(EntryOf(done, "run", "stop")["value"], nlohmann::json::array({"x"}));
  EXPECT_EQ(EntryOf(done, "run", "temperature")["source"], "default");
  EXPECT_EQ(EntryOf(done, "run", "seed")["value"], nullptr);
}

TEST(Config, PrintsAFileThatSaysTheSame) {
  const Ledge ledge;
  WriteUsers(ledge, "threads = 3\n[run]\nsystem = \"a\\nb\"\n");
  const Outcome first = ledge.Run({"config"});
  EXPECT_TRUE(Succeeded(first));
  EXPECT_THAT(first.out, HasSubstr("ledge.toml:1"));
  const std::string copy = ledge.folder().Write("copy.toml", first.out);
  const Outcome again = ledge.Run({"--config", copy, "config", "--json"});
  EXPECT_EQ(EntryOf(again, "run", "system")["value"], "a\nb");
  EXPECT_EQ(EntryOf(again, "eval", "threads")["value"], 3);
  EXPECT_EQ(EntryOf(again, "eval", "threads")["name"], copy);
}

TEST(Config, DecidesWhatCommandsDo) {
  const Ledge ledge;
  const std::string model = ledge.folder().Write("tiny.gguf", AsText(LlamaSource().Build()));
  const auto tokens = [&](const Arguments& more, const std::string& variable) {
    Arguments arguments = {"run", model, "--raw", "--json", "a"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome done = ledge.Run(arguments, {.env = {{"LEDGE_MAX_TOKENS", variable}}});
    EXPECT_TRUE(Succeeded(done));
    return JsonOf(done).value("completion_tokens", -1);
  };
  WriteUsers(ledge, "temperature = 0\n[run]\nmax-tokens = 3\n");
  const int from_file = tokens({}, "");
  EXPECT_GE(from_file, 1);
  EXPECT_LE(from_file, 3);
  EXPECT_EQ(tokens({}, "0"), 0);
  EXPECT_EQ(tokens({"-n", "1"}, "0"), 1);
}

TEST(Config, ChoosesTheStore) {
  const Ledge ledge;
  const std::string model = ledge.folder().Write("tiny.gguf", AsText(LlamaSource().Build()));
  WriteUsers(ledge, "home = \"~/elsewhere\"\n");
  const std::map<std::string, std::string> env = {{"LEDGE_HOME", ""}};
  ASSERT_TRUE(Succeeded(ledge.Run({"import", model}, {.env = env})));
  EXPECT_TRUE(std::filesystem::exists(ledge.user() + "/elsewhere/names/tiny@latest.json"));
  EXPECT_THAT(ledge.Run({"list"}).out, Not(HasSubstr("tiny")));
  EXPECT_THAT(ledge.Run({"list"}, {.env = env}).out, HasSubstr("tiny"));
}

TEST(Config, ThatIsWrongIsOneLine) {
  const Ledge ledge;
  struct Row {
    std::string text;
    int status;
    const char* words;
  };
  const std::vector<Row> rows = {
      {"threads 4\n", 3, "ledge.toml:1: "},
      {"threads = 4\n\n[run\n", 3, "ledge.toml:3: "},
      {"x = \"\xff\"\n", 3, "ledge.toml:1: "},
      {std::string("a\0b = 1\n", 8), 3, "ledge.toml:1: "},
      {"x = '\x1b[2J'\n", 3, "ledge.toml:1: "},
      {std::string(70'000, '#'), 3, "longer than 65536 bytes"},
      {std::string(20'000, '['), 3, "dots and brackets"},
      {"verbose = 4\n", 2, "ledge.toml:1: verbose is a whole number; write true or false"},
      {"quiet = \"yes\"\n", 2, "ledge.toml:1: quiet is a text; write true or false"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text.substr(0, 40));
    WriteUsers(ledge, row.text);
    EXPECT_TRUE(Refused(ledge.Run({"list"}), row.status, row.words));
    const Outcome json = ledge.Run({"list", "--json"});
    EXPECT_TRUE(Refused(json, row.status, row.words));
    EXPECT_TRUE(JsonOf(json).contains("error"));
    EXPECT_TRUE(Succeeded(ledge.Run({"--help"})));
    EXPECT_TRUE(Succeeded(ledge.Run({"--config", "/dev/null", "list"})));
  }
}

TEST(Config, OfOtherCommandsIsCheckedByConfigAlone) {
  const Ledge ledge;
  WriteUsers(ledge, "[bench]\nrepetitions = \"many\"\n");
  EXPECT_TRUE(Succeeded(ledge.Run({"list"})));
  const Outcome config = ledge.Run({"config"});
  EXPECT_TRUE(Refused(config, 2, "ledge.toml:2: repetitions is a text"));
  EXPECT_THAT(config.out, HasSubstr("temperature"));
  EXPECT_TRUE(Refused(ledge.Run({"bench", "x.gguf"}), 2, "repetitions"));
}

TEST(Config, UnknownKeysAreWarnings) {
  const Ledge ledge;
  WriteUsers(ledge, "thraeds = 4\n");
  const Outcome done = ledge.Run({"-q", "list"});
  EXPECT_TRUE(Succeeded(done));
  EXPECT_EQ(done.err,
            "ledge: warning: " + ledge.user() +
                "/.config/ledge/ledge.toml:1: unknown key 'thraeds', did you mean 'threads'?\n");
}

TEST(Config, FilesThatAreNamedMustBeThere) {
  const Ledge ledge;
  EXPECT_TRUE(Refused(ledge.Run({"--config", "/nowhere/x.toml", "list"}), 4, "/nowhere/x.toml"));
  EXPECT_TRUE(
      Refused(ledge.Run({"list"}, {.env = {{"LEDGE_CONFIG", "/nowhere/y.toml"}}}), 4, "y.toml"));
  const std::string own = ledge.folder().Write("own.toml", "[run]\nseed = 9\n");
  const Outcome done = ledge.Run({"config", "--json"}, {.env = {{"LEDGE_CONFIG", own}}});
  EXPECT_EQ(EntryOf(done, "run", "seed")["value"], 9);
  const Outcome xdg =
      ledge.Run({"config", "--json"}, {.env = {{"XDG_CONFIG_HOME", ledge.folder() / "xdg"}}});
  EXPECT_EQ(JsonOf(xdg)["files"][0]["path"], ledge.folder() / "xdg/ledge/ledge.toml");
  EXPECT_EQ(JsonOf(xdg)["files"][0]["read"], false);
}

TEST(Config, VariablesThatSetNothingAreSaid) {
  const Outcome done = Ledge().Run({"config"}, {.env = {{"LEDGE_TREADS", "4"}}});
  EXPECT_TRUE(Succeeded(done));
  EXPECT_THAT(done.err, HasSubstr("ledge: warning: LEDGE_TREADS sets nothing"));
}

TEST(Voice, FlagWinsOverSettings) {
  const Ledge ledge;
  WriteUsers(ledge, "quiet = true\n[list]\n");
  EXPECT_EQ(ledge.Run({"list"}).err, "");
  EXPECT_THAT(ledge.Run({"-v", "list"}).err, HasSubstr("store: "));
  EXPECT_THAT(ledge.Run({"--quiet=false", "list"}).err, HasSubstr("store: "));
  EXPECT_TRUE(Failed(ledge.Run({"show", "nobody"}), 4));
}

}  // namespace
}  // namespace ledge
