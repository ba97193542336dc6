#include "cli/settings/settings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "cli/command_line.h"
#include "cli/settings/setting_list.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TempDir;

class SettingsTest : public ::testing::Test {
 protected:
  // Reads user.toml and machine.toml, as far as they were written.
  void Load() {
    auto loaded =
        Settings::Load(PosixOs(), config_, {folder_ / "user.toml", folder_ / "machine.toml"},
                       [this](const std::string& name) { return variables_[name]; });
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    settings_ = std::move(*loaded);
  }
  const OptionSpec& Find(const std::string& command, const std::string& key) {
    const CommandSpec& spec = command.empty() ? line_.program() : *line_.FindCommand(command);
    for (const OptionSpec& option : spec.options) {
      if (option.Key() == key) return option;
    }
    throw std::runtime_error("no option " + key);
  }
  Result<Setting> Apply(const std::string& command, const std::string& key) {
    return settings_.Apply(command, Find(command, key));
  }
  // "4096 from user.toml:1", or the problem.
  std::string Of(const std::string& command, const std::string& key) {
    const auto setting = Apply(command, key);
    if (!setting.ok()) return setting.error().message;
    std::string source = setting->source.ToString();
    if (source.starts_with(folder_.path())) source.erase(0, folder_.path().size() + 1);
    return fmt::format("{} from {}", fmt::join(setting->texts, "|"), source);
  }

  TempDir folder_;
  std::string config_;
  std::map<std::string, std::string> variables_;
  Program program_{PosixOs()};
  CommandLine line_{program_};
  Settings settings_;
};

TEST_F(SettingsTest, VariablesWinOverFilesAndTheUsersOverTheMachines) {
  folder_.Write("machine.toml", "ctx = 1\nthreads = 1\nkv-type = \"q8\"\n[run]\nctx = 2\n");
  folder_.Write("user.toml", "ctx = 3\nthreads = 3\n[bench]\nctx = 4\n");
  variables_["LEDGE_THREADS"] = "5";
  Load();
  EXPECT_EQ(Of("run", "threads"), "5 from LEDGE_THREADS");
  EXPECT_EQ(Of("run", "ctx"), "3 from user.toml:1");
  EXPECT_EQ(Of("bench", "ctx"), "4 from user.toml:4");
  EXPECT_EQ(Of("run", "kv-type"), "q8 from machine.toml:3");
  EXPECT_EQ(Of("run", "temperature"), "0.8 from default");
  EXPECT_EQ(Of("run", "max-tokens"), " from default");
}

TEST_F(SettingsTest, OfAFileTheCommandsTableWins) {
  folder_.Write("user.toml", "seed = 1\n[run]\nseed = 2\n[synth]\ntype = \"q8_0\"\n");
  Load();
  EXPECT_EQ(Of("run", "seed"), "2 from user.toml:3");
  EXPECT_EQ(Of("synth", "seed"), "1 from user.toml:1");
}

TEST_F(SettingsTest, ANamedFileIsReadAloneAndMustBeThere) {
  folder_.Write("user.toml", "ctx = 3\n");
  config_ = folder_.Write("own.toml", "threads = 2\n");
  Load();
  EXPECT_EQ(Of("run", "ctx"), "0 from default");
  EXPECT_EQ(Of("run", "threads"), "2 from own.toml:1");
  const auto missing = Settings::Load(PosixOs(), folder_ / "none.toml", {}, ProcessEnvironment);
  EXPECT_TRUE(testing::Fails(missing, Code::kNotFound, "none.toml"));
}

TEST_F(SettingsTest, TypesAreTheOptions) {
  folder_.Write(
      "user.toml",
      "threads = \"4\"\nkv-type = 16\nno-store = 1\n[run]\ntemperature = \"warm\"\nstop = [1]\n"
      "top-k = 1.5\nsystem = 1979-05-27\nseed = true\nmin-p = 1\n[bench]\nparallel = \"1,8\"\n");
  Load();
  EXPECT_THAT(Of("run", "threads"),
              HasSubstr("user.toml:1: threads is a text; write a whole number"));
  EXPECT_THAT(Of("run", "kv-type"),
              HasSubstr("user.toml:2: kv-type is a whole number; write a text"));
  EXPECT_THAT(Of("run", "no-store"),
              HasSubstr("user.toml:3: no-store is a whole number; write true"));
  EXPECT_THAT(Of("run", "temperature"),
              HasSubstr("user.toml:5: temperature is a text; write a number"));
  EXPECT_THAT(Of("run", "stop"),
              HasSubstr("user.toml:6: stop is a list of other things; write a text"));
  EXPECT_THAT(Of("run", "top-k"),
              HasSubstr("user.toml:7: top-k is a number; write a whole number"));
  EXPECT_THAT(Of("run", "system"),
              HasSubstr("user.toml:8: system is a date or a time; write a text"));
  EXPECT_THAT(Of("run", "seed"),
              HasSubstr("user.toml:9: seed is true or false; write a whole number"));
  EXPECT_EQ(Of("run", "min-p"), "1 from user.toml:10");
  EXPECT_THAT(Of("bench", "parallel"),
              HasSubstr("user.toml:12: parallel is a text; write a whole number, or"));
  EXPECT_EQ(Apply("run", "threads").error().code, Code::kUsage);
}

TEST_F(SettingsTest, ValuesAreWhatTheFlagsTake) {
  folder_.Write("user.toml",
                "kv-type = \"f8\"\n[run]\ntemperature = -1\ntop-p = nan\nsystem = \"a\\u0000\"\n");
  variables_["LEDGE_CTX"] = "many";
  variables_["LEDGE_QUIET"] = "loud";
  Load();
  EXPECT_THAT(Of("run", "kv-type"),
              HasSubstr("user.toml:1: kv-type: 'f8' is not one of f32, f16, q8"));
  EXPECT_THAT(Of("run", "temperature"),
              HasSubstr("user.toml:3: temperature: '-1' is not a number from 0"));
  EXPECT_THAT(Of("run", "top-p"), HasSubstr("user.toml:4: top-p: 'nan' is not a number"));
  EXPECT_THAT(Of("run", "system"), HasSubstr("user.toml:5: system holds a NUL"));
  EXPECT_THAT(Of("run", "ctx"), HasSubstr("LEDGE_CTX: 'many' is not a number"));
  EXPECT_THAT(Of("", "quiet"), HasSubstr("LEDGE_QUIET: 'loud' is neither true nor false"));
}

TEST_F(SettingsTest, ListsAndFlags) {
  folder_.Write("user.toml",
                "no-store = true\n[run]\nstop = [\"a\", \"b\"]\n[bench]\nparallel = [1, 8]\n");
  Load();
  EXPECT_EQ(Of("run", "stop"), "a|b from user.toml:3");
  EXPECT_EQ(Of("bench", "parallel"), "1,8 from user.toml:5");
  EXPECT_EQ(Of("run", "no-store"), "true from user.toml:1");
}

TEST_F(SettingsTest, PathsCountFromTheFileOrTheUsersHome) {
  variables_["HOME"] = "/home/x";
  folder_.Write("user.toml",
                "home = \"~/store\"\noutput = \"out.gguf\"\n[run]\nchat-template = \"chatml\"\n");
  folder_.Write("machine.toml",
                "[run]\nchat-template = \"./own.jinja\"\n[export]\noutput = \"/tmp/x\"\n");
  Load();
  EXPECT_EQ(Of("", "home"), "/home/x/store from user.toml:1");
  EXPECT_EQ(Apply("synth", "output")->texts[0], folder_ / "out.gguf");
  EXPECT_EQ(Of("run", "chat-template"), "chatml from user.toml:4");
  folder_.Write("user.toml", "");
  Load();
  EXPECT_EQ(Apply("run", "chat-template")->texts[0], folder_.path() + "/./own.jinja");
  EXPECT_EQ(Apply("export", "output")->texts[0], "/tmp/x");
}

TEST_F(SettingsTest, UnknownKeysAreWarnings) {
  folder_.Write("user.toml", "thread = 4\n[run]\ntemprature = 1\nhome = \"x\"\n[bnech]\nctx = 1\n");
  Load();
  const auto warnings = settings_.Warnings(line_);
  ASSERT_EQ(warnings.size(), 4U);
  EXPECT_THAT(warnings[0], HasSubstr("user.toml:1: unknown key 'thread', did you mean 'threads'?"));
  EXPECT_THAT(
      warnings[1],
      HasSubstr("user.toml:3: unknown key 'temprature' in [run], did you mean 'temperature'?"));
  EXPECT_THAT(warnings[2], HasSubstr("user.toml:4: 'home' belongs above the first [table]"));
  EXPECT_THAT(warnings[3], HasSubstr("and 1 more"));
  folder_.Write("user.toml", "[bnech]\nctx = 1\n");
  Load();
  EXPECT_THAT(settings_.Warnings(line_),
              ElementsAre(HasSubstr("unknown table [bnech], did you mean 'bench'?")));
  folder_.Write("user.toml", "[run]\n[bench]\nctx = 1\n");
  Load();
  EXPECT_THAT(settings_.Warnings(line_), IsEmpty());
}

TEST_F(SettingsTest, AFolderInThePlaceOfADefaultFileIsAWarning) {
  std::filesystem::create_directories(folder_ / "user.toml");
  Load();
  EXPECT_THAT(settings_.Warnings(line_), ElementsAre(HasSubstr("going on without it")));
}

TEST_F(SettingsTest, PathsFollowXdg) {
  variables_["HOME"] = "/home/x";
  const auto get = [this](const std::string& name) { return variables_[name]; };
  EXPECT_THAT(Settings::DefaultPaths(get),
              ElementsAre("/home/x/.config/ledge/ledge.toml", "/etc/ledge/ledge.toml"));
  variables_["XDG_CONFIG_HOME"] = "/cfg";
  EXPECT_THAT(Settings::DefaultPaths(get),
              ElementsAre("/cfg/ledge/ledge.toml", "/etc/ledge/ledge.toml"));
  variables_["XDG_CONFIG_HOME"] = "relative";  // to be ignored, as the specification says
  EXPECT_EQ(Settings::DefaultPaths(get)[0], "/home/x/.config/ledge/ledge.toml");
  variables_.clear();
  EXPECT_THAT(Settings::DefaultPaths(get), ElementsAre("/etc/ledge/ledge.toml"));
}

TEST_F(SettingsTest, AsTomlSayTheSameAgain) {
  folder_.Write(
      "user.toml",
      "ctx = 7\nhome = \"/a \\\"b\\\" \\u001b\\u0085\\n\"\n[run]\nstop = [\"\\\\\", \"\"]\n"
      "temperature = 0.25\nseed = 5\n[bench]\nctx = 8\nparallel = [1, 8]\n");
  variables_["LEDGE_NO_STORE"] = "yes";
  Load();
  const auto before = ListSettings(line_, settings_);
  variables_.clear();
  folder_.Write("user.toml", SettingsAsToml(before));
  Load();
  EXPECT_THAT(settings_.Warnings(line_), IsEmpty());
  const auto after = ListSettings(line_, settings_);
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_FALSE(after[i].problem) << after[i].problem->message;
    if (before[i].key == "no-store") {
      EXPECT_THAT(after[i].setting.texts, ElementsAre("true"));
    } else {
      EXPECT_EQ(before[i].setting.texts, after[i].setting.texts)
          << before[i].command << before[i].key;
    }
  }
}

TEST_F(SettingsTest, WhatSeveralCommandsShareStandsOnce) {
  folder_.Write("user.toml", "threads = 2\n");
  Load();
  const std::string toml = SettingsAsToml(ListSettings(line_, settings_));
  EXPECT_EQ(toml.find("threads = "), toml.rfind("threads = "));
  EXPECT_LT(toml.find("threads = "), toml.find('['));
  folder_.Write("user.toml", "[run]\nthreads = 2\n");
  Load();
  const std::string split = SettingsAsToml(ListSettings(line_, settings_));
  EXPECT_GT(split.find("threads = 2"), split.find("[run]"));
  EXPECT_GT(split.find("threads = 0"), split.find("[bench]"));
}

TEST_F(SettingsTest, VariablesThatSetNothingAreFound) {
  EXPECT_THAT(
      UnknownVariables(line_, {"LEDGE_CTX", "LEDGE_TREADS", "PATH", "LEDGE_ISA", "LEDGE_CONFIG"}),
      ElementsAre("LEDGE_TREADS"));
}

}  // namespace
}  // namespace ledge
