#include "os/process.h"

#include <gmock/gmock.h>

namespace ledge {
namespace {

TEST(RunProcess, GivesStatusAndOutputOfBothStreams) {
  const auto done = RunProcess({"sh", "-c", "echo out; echo err >&2; exit 3"}, {});
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->exit_status, 3);
  EXPECT_THAT(done->output, testing::HasSubstr("out"));
  EXPECT_THAT(done->output, testing::HasSubstr("err"));
}

TEST(RunProcess, PassesArgumentsWithoutAShell) {
  const auto done = RunProcess({"printf", "%s", "$(id); `id` 'x'"}, {});
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->output, "$(id); `id` 'x'");
}

TEST(RunProcess, SaysThatAProgramIsMissing) {
  const auto done = RunProcess({"ledge-has-no-such-program"}, {});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::kNotFound);
}

TEST(RunProcess, KillsWhatRunsOverItsLimit) {
  const auto done = RunProcess({"sleep", "60"}, {.limit = std::chrono::seconds(1)});
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->exit_status, 128 + 9);
}

TEST(RunProcess, KeepsTheEndOfEndlessOutput) {
  const auto done =
      RunProcess({"sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo END"}, {});
  ASSERT_TRUE(done.ok());
  EXPECT_LE(done->output.size(), 64u * 1024);
  EXPECT_THAT(done->output, testing::EndsWith("END\n"));
}

}  // namespace
}  // namespace ledge
