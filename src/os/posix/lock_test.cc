#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "os/os.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::TempDir;

TEST(PosixLock, ExclusiveExcludesAll) {
  const TempDir folder;
  const std::string path = folder / "lock";
  ASSERT_OK_AND_ASSIGN(auto lock, PosixOs().Lock(path, true));
  EXPECT_ERROR(PosixOs().Lock(path, true), Code::kExists, "locked by another process");
  EXPECT_ERROR(PosixOs().Lock(path, false), Code::kExists, "");
  lock.reset();
  EXPECT_OK(PosixOs().Lock(path, true));
}

TEST(PosixLock, SharedExcludesExclusiveOnly) {
  const TempDir folder;
  const std::string path = folder / "lock";
  ASSERT_OK_AND_ASSIGN(const auto first, PosixOs().Lock(path, false));
  ASSERT_OK_AND_ASSIGN(const auto second, PosixOs().Lock(path, false));
  EXPECT_ERROR(PosixOs().Lock(path, true), Code::kExists, "");
}

TEST(PosixLock, EndsWithItsProcess) {
  const TempDir folder;
  const std::string path = folder / "lock";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = PosixOs().Lock(path, true);
    (void)!::write(ready[1], lock.ok() ? "y" : "n", 1);
    for (;;) ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  EXPECT_ERROR(PosixOs().Lock(path, true), Code::kExists, "");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_OK(PosixOs().Lock(path, true));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(PosixLock, HolderMayRemoveTheFileAndExclusionStillHolds) {
  const TempDir folder;
  const std::string path = folder / "lock";
  std::atomic<int> inside{0};
  std::atomic<int> entered{0};
  std::atomic<bool> together{false};
  const auto work = [&] {
    for (int i = 0; i < 200;) {
      auto lock = PosixOs().Lock(path, true);
      if (!lock.ok()) continue;
      if (inside.fetch_add(1) != 0) together = true;
      ++entered;
      ++i;
      inside.fetch_sub(1);
      (void)PosixOs().Remove(path);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(together);
  EXPECT_EQ(entered, 600);
}

TEST(PosixLock, FolderOfTheLockMustBeThere) {
  const TempDir folder;
  EXPECT_ERROR(PosixOs().Lock(folder / "no/lock", true), Code::kNotFound, "cannot lock");
}

}  // namespace
}  // namespace ledge
