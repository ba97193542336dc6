#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "os/os.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::ReadWholeFile;
using testing::TempDir;

std::span<const std::byte> AsBytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::vector<std::string> Names(const TempDir& folder) {
  return PosixOs().List(folder.path()).value();
}

TEST(PosixPendingFile, NothingIsVisibleBeforeCommit) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto pending, PosixOs().Create(folder / "out"));
  ASSERT_OK(pending->WriteAt(0, AsBytes("hello")));
  ASSERT_OK(pending->WriteAt(8, AsBytes("world")));
  ASSERT_EQ(Names(folder).size(), 1u);
  EXPECT_TRUE(Names(folder)[0].starts_with(".out."));
  EXPECT_TRUE(Names(folder)[0].ends_with(kTemporarySuffix));
  ASSERT_OK(pending->Commit());
  EXPECT_EQ(Names(folder), std::vector<std::string>{"out"});
  EXPECT_EQ(ReadWholeFile(folder / "out"), std::string("hello\0\0\0world", 13));
}

TEST(PosixPendingFile, DroppingRemovesTheTemporaryFile) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(auto pending, PosixOs().Create(folder / "out"));
  ASSERT_OK(pending->WriteAt(0, AsBytes("hello")));
  pending.reset();
  EXPECT_TRUE(Names(folder).empty());
}

TEST(PosixPendingFile, CommitReplacesWhatWasThere) {
  const TempDir folder;
  folder.Write("out", "a longer old text");
  ASSERT_OK_AND_ASSIGN(const auto pending, PosixOs().Create(folder / "out"));
  ASSERT_OK(pending->WriteAt(0, AsBytes("new")));
  EXPECT_EQ(ReadWholeFile(folder / "out"), "a longer old text");
  ASSERT_OK(pending->Commit());
  EXPECT_EQ(ReadWholeFile(folder / "out"), "new");
}

TEST(PosixPendingFile, CommitAsTakesAnotherName) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto pending, PosixOs().Create(folder / "incoming"));
  ASSERT_OK(pending->CommitAs(folder / "final"));
  EXPECT_EQ(Names(folder), std::vector<std::string>{"final"});
}

TEST(PosixPendingFile, FailedCommitLeavesNothing) {
  const TempDir folder;
  folder.Write("out/inside", "x");  // a folder cannot be replaced by a file
  ASSERT_OK_AND_ASSIGN(const auto pending, PosixOs().Create(folder / "out"));
  EXPECT_ERROR(pending->Commit(), Code::kUnsupported, "out");
  EXPECT_EQ(Names(folder), std::vector<std::string>{"out"});
  EXPECT_ERROR(pending->Commit(), Code::kInternal, "before");
  EXPECT_ERROR(pending->WriteAt(0, AsBytes("x")), Code::kInternal, "before");
}

TEST(PosixPendingFile, SecondCommitIsRefused) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto pending, PosixOs().Create(folder / "out"));
  ASSERT_OK(pending->Commit());
  EXPECT_ERROR(pending->Commit(), Code::kInternal, "before");
  EXPECT_EQ(Names(folder), std::vector<std::string>{"out"});
}

TEST(PosixPendingFile, MissingFolderIsNotFound) {
  const TempDir folder;
  EXPECT_ERROR(PosixOs().Create(folder / "no/out"), Code::kNotFound, "cannot create");
  EXPECT_ERROR(PosixOs().Create("/"), Code::kUsage, "names no file");
}

TEST(PosixPendingFile, LongestNamesFit) {
  const TempDir folder;
  const std::string name(255, 'n');
  ASSERT_OK_AND_ASSIGN(const auto pending, PosixOs().Create(folder / name));
  EXPECT_OK(pending->Commit());
  EXPECT_EQ(Names(folder), std::vector<std::string>{name});
}

TEST(PosixPendingFile, OthersMayReadIt) {
  const mode_t mask = ::umask(022);
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto pending, PosixOs().Create(folder / "out"));
  ASSERT_OK(pending->Commit());
  ::umask(mask);
  struct stat info = {};
  ASSERT_EQ(::stat((folder / "out").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644u);
}

TEST(PosixPendingFile, IsLockedWhilePendingAndFreeWhenItsProcessDied) {
  const TempDir folder;
  const pid_t child = ::fork();
  if (child == 0) {
    auto pending = PosixOs().Create(folder / "out");
    if (!pending.ok()) ::_exit(1);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_OK_AND_ASSIGN(const auto mine, PosixOs().Create(folder / "mine"));
  ASSERT_EQ(Names(folder).size(), 2u);
  for (const std::string& name : Names(folder)) {
    const auto lock = PosixOs().Lock(folder / name, true);
    EXPECT_EQ(lock.ok(), name.starts_with(".out.")) << name;
  }
}

TEST(PosixPendingFile, HittingTheSizeLimitIsNoSpace) {
  const TempDir folder;
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto pending = PosixOs().Create(folder / "out");
    if (!pending.ok()) ::_exit(1);
    // The first part of this write fits: a short write must go on and then fail.
    const auto wrote = (*pending)->WriteAt(0, AsBytes(std::string(10000, 'x')));
    pending->reset();
    ::_exit(!wrote.ok() && wrote.error().code == Code::kNoSpace ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(Names(folder).empty());
}

}  // namespace
}  // namespace ledge
