#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "os/os.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::TempDir;

TEST(PosixFolders, MadeWithParentsAndAgain) {
  const TempDir folder;
  ASSERT_OK(PosixOs().MakeFolder(folder / "a/b/c"));
  ASSERT_OK(PosixOs().MakeFolder(folder / "a/b/c/"));
  EXPECT_EQ(PosixOs().Status(folder / "a/b/c")->kind, FileKind::kDirectory);
  EXPECT_OK(PosixOs().SyncFolder(folder / "a/b"));
}

TEST(PosixFolders, AFileInTheWayIsAnError) {
  const TempDir folder;
  folder.Write("f", "x");
  EXPECT_ERROR(PosixOs().MakeFolder(folder / "f"), Code::kExists, "make the folder");
  EXPECT_FALSE(PosixOs().MakeFolder(folder / "f/below").ok());
}

TEST(PosixFolders, ListIsSortedAndComplete) {
  const TempDir folder;
  for (const char* name : {"b", "a", ".hidden", "c d"}) folder.Write(name, "");
  EXPECT_EQ(PosixOs().List(folder.path()).value(),
            (std::vector<std::string>{".hidden", "a", "b", "c d"}));
  EXPECT_ERROR(PosixOs().List(folder / "no"), Code::kNotFound, "cannot list");
}

TEST(PosixFolders, RenameReplacesAndRemoveRemoves) {
  const TempDir folder;
  folder.Write("a", "1");
  folder.Write("b", "2");
  ASSERT_OK(PosixOs().Rename(folder / "a", folder / "b"));
  EXPECT_EQ(testing::ReadWholeFile(folder / "b"), "1");
  ASSERT_OK(PosixOs().Remove(folder / "b"));
  EXPECT_ERROR(PosixOs().Remove(folder / "b"), Code::kNotFound, "cannot remove");
  EXPECT_ERROR(PosixOs().Rename(folder / "x", folder / "y"), Code::kNotFound, "");
}

TEST(PosixFolders, RemoveTreeTakesAllOfItAndFollowsNoLink) {
  const TempDir folder;
  folder.Write("kept", "1");
  folder.Write("tree/a/b/c", "2");
  folder.Write("tree/d", "3");
  std::filesystem::create_symlink(folder / "kept", folder / "tree/a/link");
  std::filesystem::create_directory_symlink(folder.path(), folder / "tree/up");
  ASSERT_OK(PosixOs().RemoveTree(folder / "tree"));
  EXPECT_EQ(PosixOs().List(folder.path()).value(), std::vector<std::string>{"kept"});
  EXPECT_ERROR(PosixOs().RemoveTree(folder / "tree"), Code::kNotFound, "cannot remove");
}

TEST(PosixFolders, FreeBytesOfWhatIsNotThereYetAreItsParents) {
  const TempDir folder;
  EXPECT_GT(PosixOs().FreeDiskBytes(folder / "not/yet/there").value(), 0u);
  EXPECT_GT(PosixOs().FreeDiskBytes("relative-and-missing").value(), 0u);
}

TEST(PosixEntropy, DoesNotRepeat) {
  std::set<std::vector<std::byte>> seen;
  for (int i = 0; i < 16; ++i) {
    std::vector<std::byte> bytes(16);
    ASSERT_OK(PosixOs().Entropy(bytes));
    seen.insert(bytes);
  }
  EXPECT_EQ(seen.size(), 16u);
}

TEST(PosixClock, MovesForward) {
  const auto before = PosixOs().MonotonicNow();
  PosixOs().Sleep(std::chrono::milliseconds(2));
  EXPECT_GE(PosixOs().MonotonicNow() - before, std::chrono::milliseconds(2));
  EXPECT_GT(PosixOs().WallNow().time_since_epoch(), std::chrono::hours(24 * 365 * 50));
}

}  // namespace
}  // namespace ledge
