// What every command has in common: help, errors, exit statuses, where results go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

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

std::string WriteModel(const Ledge& ledge, const std::string& name = "tiny.gguf") {
  return ledge.folder().Write(name, AsText(LlamaSource().Build()));
}

// The names in `ledge --help`.
std::vector<std::string> CommandNames(const Ledge& ledge) {
  std::istringstream help(ledge.Run({"--help"}).out);
  std::vector<std::string> names;
  bool inside = false;
  for (std::string line; std::getline(help, line);) {
    if (inside && line.starts_with("  ") && line[2] != ' ')
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    if (inside && line.empty()) break;
    if (line.starts_with("Commands:")) inside = true;
  }
  return names;
}

TEST(Help, OfEveryCommandHasAnExample) {
  const Ledge ledge;
  const auto names = CommandNames(ledge);
  EXPECT_GE(names.size(), 16U);
  for (const std::string& name : names) {
    const Outcome help = ledge.Run({name, "--help"});
    EXPECT_TRUE(Succeeded(help));
    EXPECT_THAT(help.out, HasSubstr("Examples:"));
    EXPECT_THAT(help.out.substr(help.out.find("Examples:")), HasSubstr("ledge " + name));
    EXPECT_EQ(help.err, "");
  }
}

TEST(Help, VersionIsOneLine) {
  const Outcome done = Ledge().Run({"--version"});
  EXPECT_TRUE(Succeeded(done));
  EXPECT_THAT(done.out, ::testing::MatchesRegex("ledge [0-9.]+\n"));
}

TEST(Usage, NamesWhatIsWrong) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  struct Row {
    Arguments arguments;
    const char* words;
  };
  const std::vector<Row> rows = {
      {{}, "command"},
      {{"-v"}, "no command given"},
      {{"frobnicate"}, "frobnicate"},
      {{"--frobnicate"}, "--frobnicate"},
      {{"--frobnicate", "list"}, "--frobnicate"},
      {{"list", "--frobnicate"}, "--frobnicate"},
      {{"list", "surplus"}, "surplus"},
      {{"run"}, "MODEL"},
      {{"rm"}, "NAME"},
      {{"run", model, "hi", "--temperature", "warm"}, "'warm' is not a number"},
      {{"run", model, "hi", "--temperature", "nan"}, "'nan' is not a number"},
      {{"run", model, "hi", "--temperature", "-1"}, "'-1' is not a number from 0"},
      {{"run", model, "hi", "-n", "-1"}, "'-1'"},
      {{"run", model, "hi", "-n", "99999999999999999999"}, "99999999999999999999"},
      {{"run", model, "hi", "--seed", "0x10"}, "0x10"},
      {{"run", model, "hi", "--ctx", "1e3"}, "1e3"},
      {{"run", model, "hi", "--threads", "100000"}, "100000"},
      {{"run", model, "hi", "--kv-type", "f8"}, "f8"},
      {{"run", model, "hi", "--logit-bias", "x=1"}, "x=1"},
      {{"run", model, "hi", "-n"}, "-n needs a value"},
      {{"bench", model, "-p", "0", "-n", "0"}, "-p 0"},
      {{"bench", model, "--parallel", "1,0"}, "'0'"},
      {{"eval", model}, "--text"},
      {{"export", "tiny"}, "-o"},
      {{"synth"}, "-o"},
      {{"synth", "--shape", "8x7b", "-o", "x"}, "8x7b"},
      {{"logits", model}, "--ids"},
      {{"logits", model, "--ids", "1,x"}, "'x'"},
      {{"logits", model, "--ids", "1,40"}, "40"},
      {{"pull", "ftp://example/x"}, "ftp://example/x"},
      {{"pull", "pypi:one"}, "pypi:one"},
      {{"run", "two words", "hi"}, "two words"},
      {{"import", model, "--name", "../x"}, "../x"},
      {{"import", model, "--name", ""}, "''"},
      {{"--home", model, "list"}, "not a folder"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(::testing::PrintToString(row.arguments));
    const Outcome done = ledge.Run(row.arguments);
    EXPECT_TRUE(Refused(done, 2, row.words));
    EXPECT_EQ(done.out, "");
  }
  EXPECT_TRUE(ledge.PackedFiles().empty() || ledge.PackedFiles().size() == 1);
}

TEST(Usage, VariablesAreValuesThatFlagsOverride) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  EXPECT_TRUE(Refused(
      ledge.Run({"run", model, "--raw", "a"}, {.env = {{"LEDGE_MAX_TOKENS", "many"}}}), 2, "many"));
  const auto tokens = [&](const Arguments& more) {
    Arguments arguments = {"run", model, "--raw", "--json", "a"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome done = ledge.Run(arguments, {.env = {{"LEDGE_MAX_TOKENS", "0"}}});
    EXPECT_TRUE(Succeeded(done));
    return JsonOf(done).value("completion_tokens", -1);
  };
  EXPECT_EQ(tokens({}), 0);
  EXPECT_EQ(tokens({"-n", "1"}), 1);
}

TEST(Status, IsFourForWhatIsMissing) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  const std::string missing = ledge.folder() / "missing.gguf";
  for (const char* command : {"run", "inspect", "import", "tokenize", "detokenize", "bench"}) {
    EXPECT_TRUE(Refused(ledge.Run({command, missing}), 4, missing)) << command;
  }
  EXPECT_TRUE(Refused(ledge.Run({"run", missing, "--no-store", "hi"}), 4, missing));
  EXPECT_TRUE(Refused(ledge.Run({"logits", missing, "--ids", "1"}), 4, missing));
  EXPECT_TRUE(Refused(ledge.Run({"logits", model, "--ids", "@" + missing}), 4, missing));
  EXPECT_TRUE(Refused(ledge.Run({"eval", model, "--text", missing}), 4, missing));
  for (const char* command : {"show", "verify", "rm", "run", "inspect", "tokenize"}) {
    const Outcome done = ledge.Run({command, "nobody"});
    EXPECT_TRUE(Refused(done, 4, "'nobody'")) << command;
    EXPECT_THAT(done.err, HasSubstr("ledge list")) << command;
  }
  EXPECT_TRUE(Refused(ledge.Run({"export", "nobody", "-o", missing}), 4, "'nobody'"));
  EXPECT_FALSE(std::filesystem::exists(missing));
}

TEST(Status, IsFourForACatalogueNameThatIsNotHere) {
  const Outcome done = Ledge().Run({"run", "smollm2", "hi"});
  EXPECT_TRUE(Refused(done, 4, "--pull"));
  EXPECT_THAT(done.err, HasSubstr("Apache-2.0"));
}

TEST(Json, ErrorsAreADocumentToo) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  const std::string broken = ledge.folder().Write("broken.gguf", "GGUX, not really");
  struct Row {
    Arguments arguments;
    int status;
    const char* code;
  };
  const std::vector<Row> rows = {
      {{"show", "nobody", "--json"}, 4, "not_found"},
      {{"run", "nobody", "hi", "--json"}, 4, "not_found"},
      {{"run", broken, "hi", "--json"}, 3, "malformed"},
      {{"inspect", broken, "--json"}, 3, "malformed"},
      {{"import", broken, "--json"}, 3, "malformed"},
      {{"bench", broken, "--json"}, 3, "malformed"},
      {{"verify", "nobody", "--json"}, 4, "not_found"},
      {{"eval", model, "--json"}, 2, "usage"},
      {{"list", "--json", "--bogus"}, 2, "usage"},
      {{"bogus", "--json"}, 2, "usage"},
      {{"pull", "nobody", "--json"}, 4, "not_found"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(::testing::PrintToString(row.arguments));
    const Outcome done = ledge.Run(row.arguments);
    EXPECT_TRUE(Refused(done, row.status));
    const auto document = JsonOf(done);
    ASSERT_TRUE(document.contains("error"));
    EXPECT_EQ(document["error"].value("code", ""), row.code);
    EXPECT_EQ("ledge: " + document["error"].value("message", "") + "\n", done.err);
  }
}

TEST(Errors, NeverEchoStrangeBytes) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  for (const std::string strange : {"\x1b[2J\x1b[31m", "a\nledge: b", "\xff\xfe",
                                    "\xc2\x9b"
                                    "31m",
                                    "\r\x7f"}) {
    for (const Arguments& arguments : {Arguments{"run", strange, "hi"},
                                       {"inspect", "./" + strange},
                                       {"import", "/" + strange + ".gguf"},
                                       {strange},
                                       {"--" + strange},
                                       {"list", strange},
                                       {"list", "--" + strange},
                                       {"show", strange},
                                       {"rm", strange},
                                       {"pull", strange},
                                       {"pull", "pypi:" + strange},
                                       {"run", model, "hi", "--kv-type", strange},
                                       {"run", model, "hi", "-n", strange},
                                       {"run", model, "hi", "--chat-template", strange},
                                       {"run", model, "hi", "--logit-bias", strange},
                                       {"logits", model, "--ids", strange},
                                       {"logits", model, "--ids", "@" + strange},
                                       {"eval", model, "--text", strange},
                                       {"import", model, "--name", strange},
                                       {"bench", model, "--parallel", strange},
                                       {"synth", "--type", strange, "-o", "x"},
                                       {"--home", model + "/" + strange, "import", model}}) {
      SCOPED_TRACE(::testing::PrintToString(arguments));
      const Outcome done = ledge.Run(arguments);
      EXPECT_NE(done.status, 0);
      EXPECT_TRUE(Refused(done, done.status));
      EXPECT_EQ(done.out, "");
    }
  }
}

TEST(Errors, StayShortForLongArguments) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  const std::string longest(100'000, 'x');
  for (const Arguments& arguments : {Arguments{longest},
                                     {"--" + longest},
                                     {"list", "--" + longest},
                                     {"run", longest},
                                     {"inspect", "./" + longest},
                                     {"show", longest},
                                     {"rm", longest},
                                     {"pull", longest},
                                     {"import", model, "--name", longest},
                                     {"run", model, "hi", "--chat-template", longest},
                                     {"run", model, "hi", "--kv-type", longest},
                                     {"run", model, "hi", "-n", longest},
                                     {"eval", model, "--text", longest},
                                     {"logits", model, "--ids", longest},
                                     {"--home", longest, "import", model}}) {
    SCOPED_TRACE(arguments.size() > 1
                     ? arguments[0].substr(0, 20) + " " + arguments[1].substr(0, 20)
                     : "one");
    const Outcome done = ledge.Run(arguments);
    EXPECT_NE(done.status, 0);
    EXPECT_TRUE(Refused(done, done.status));
  }
}

TEST(Errors, InAFilesTextsAreMadePrintable) {
  const Ledge ledge;
  LlamaSource source;
  source.Text("general.architecture", "\x1b[2J\xff\nllama");
  const std::string path = ledge.folder().Write("evil.gguf", AsText(source.Build()));
  EXPECT_TRUE(Refused(ledge.Run({"run", path, "hi"}), 3));
  LlamaSource named;
  named.Text("general.name", "\x1b[2J\xff\nname").Text("general.license", "\x1b[31m\n");
  const std::string nice = ledge.folder().Write("nice.gguf", AsText(named.Build()));
  ASSERT_TRUE(Succeeded(ledge.Run({"import", nice, "--name", "nice"})));
  for (const Arguments& arguments :
       {Arguments{"inspect", nice}, {"show", "nice"}, {"list"}, {"inspect", "nice", "--tensors"}}) {
    const Outcome done = ledge.Run(arguments);
    EXPECT_TRUE(Succeeded(done));
    EXPECT_THAT(done.out + done.err, Not(HasSubstr("\x1b")));
    EXPECT_THAT(done.out + done.err, Not(HasSubstr("\xff")));
  }
}

TEST(Output, ThatCannotBeWrittenIsAFailure) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
  for (const Arguments& arguments : {Arguments{"inspect", model},
                                     {"list", "--json"},
                                     {"tokenize", model},
                                     {"logits", model, "--ids", "1"},
                                     {"run", model, "--raw", "-n", "4", "a"}}) {
    EXPECT_TRUE(Refused(ledge.Run(arguments, {.stdout_path = "/dev/full"}), 1, "standard output"));
  }
}

TEST(Home, IsTheFlagsThenTheVariablesThenXdgsThenTheUsers) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  const auto imports_into = [&](const std::string& home, const Arguments& flags,
                                std::map<std::string, std::string> env) {
    Arguments arguments = flags;
    arguments.insert(arguments.end(), {"import", model, "--name", "tiny"});
    EXPECT_TRUE(Succeeded(ledge.Run(arguments, {.env = std::move(env)})));
    EXPECT_TRUE(std::filesystem::exists(home + "/names/tiny@latest.json")) << home;
    std::filesystem::remove_all(home);
  };
  const std::string flag = ledge.folder() / "flag";
  const std::string variable = ledge.folder() / "variable";
  const std::string xdg = ledge.folder() / "xdg";
  imports_into(flag, {"--home", flag}, {{"LEDGE_HOME", variable}, {"XDG_DATA_HOME", xdg}});
  imports_into(variable, {}, {{"LEDGE_HOME", variable}, {"XDG_DATA_HOME", xdg}});
  imports_into(xdg + "/ledge", {}, {{"LEDGE_HOME", ""}, {"XDG_DATA_HOME", xdg}});
  imports_into(ledge.user() + "/.local/share/ledge", {}, {{"LEDGE_HOME", ""}});
  EXPECT_TRUE(Refused(ledge.Run({"list"}, {.env = {{"LEDGE_HOME", ""}, {"HOME", ""}}}), 2, "HOME"));
}

TEST(Home, IsNotMadeByReading) {
  const Ledge ledge;
  EXPECT_TRUE(Succeeded(ledge.Run({"list"})));
  EXPECT_TRUE(Succeeded(ledge.Run({"gc", "--dry-run"})));
  EXPECT_TRUE(Succeeded(ledge.Run({"verify"})));
  EXPECT_FALSE(std::filesystem::exists(ledge.home()));
}

TEST(Names, AreFoldedAndMayHaveOrganisationAndTag) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  ASSERT_TRUE(Succeeded(ledge.Run({"import", model, "--name", "Org/Tiny_1.5:Q8"})));
  const Outcome list = ledge.Run({"list"});
  EXPECT_THAT(list.out, HasSubstr("org/tiny_1.5:q8"));
  EXPECT_THAT(list.err, HasSubstr(ledge.home()));
  EXPECT_TRUE(Succeeded(ledge.Run({"show", "ORG/tiny_1.5:q8"})));
  EXPECT_TRUE(Refused(ledge.Run({"show", "org/tiny_1.5"}), 4));
  ASSERT_TRUE(Succeeded(ledge.Run({"import", model, "--name", "Tiny"})));
  EXPECT_EQ(JsonOf(ledge.Run({"show", "tiny:latest", "--json"})).value("name", ""), "tiny");
  ASSERT_TRUE(Succeeded(ledge.Run({"import", model})));
  EXPECT_TRUE(Succeeded(ledge.Run({"show", "tiny"})));
  const std::vector<std::string> wrong = {
      "a b", "-a", ".a", "a/b/c", "/", ":", "a:", "a:b:c", "ä", "a+b", std::string(65, 'a')};
  for (const std::string& bad : wrong) {
    EXPECT_TRUE(Refused(ledge.Run({"import", model, "--name", bad}), 2)) << bad;
  }
  EXPECT_TRUE(Succeeded(ledge.Run({"import", model, "--name", std::string(64, 'a')})));
}

TEST(Paths, AreToldFromNames) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge, "work/plain");
  std::filesystem::create_directories(ledge.user());
  std::filesystem::copy_file(model, ledge.user() + "/own.gguf");
  const std::string work = ledge.folder() / "work";
  const auto ids = [&](const std::string& argument) {
    return ledge.Run({"tokenize", argument}, {.input = "ab", .folder = work});
  };
  const Outcome by_path = ids("./plain");
  ASSERT_TRUE(Succeeded(by_path));
  EXPECT_EQ(ids("plain").out, by_path.out);  // a file, and no such name stored
  EXPECT_EQ(ids("../work/plain").out, by_path.out);
  EXPECT_EQ(ids(model).out, by_path.out);
  EXPECT_EQ(ids("~/own.gguf").out, by_path.out);
  EXPECT_TRUE(Refused(ids("plain.gguf"), 4, "plain.gguf"));
  EXPECT_TRUE(Refused(ids("~/plain"), 4));
  // Once the name is stored, it means the stored one: a broken file of that name doesn't matter.
  ASSERT_TRUE(Succeeded(ledge.Run({"import", model, "--name", "plain"})));
  ledge.folder().Write("work/plain", "no model");
  EXPECT_EQ(ids("plain").out, by_path.out);
  EXPECT_TRUE(Refused(ids("./plain"), 3));
}

}  // namespace
}  // namespace ledge
