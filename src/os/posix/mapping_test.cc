#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>

#include "os/os.h"
#include "os/posix/bus_guard.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::TempDir;

// Reads what the compiler must not think it knows.
int ByteAt(const Mapping& mapping, size_t offset) {
  return static_cast<int>(*const_cast<const volatile std::byte*>(mapping.bytes().data() + offset));
}

size_t Page() { return PosixOs().PageSize(); }

TEST(PosixMapping, ShowsTheFileAndCannotBeWritten) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(folder.Write("f", "hello")));
  ASSERT_EQ(mapping->bytes().size(), 5u);
  EXPECT_EQ(std::memcmp(mapping->bytes().data(), "hello", 5), 0);
  EXPECT_TRUE(mapping->writable().empty());
  EXPECT_FALSE(mapping->damaged());
}

TEST(PosixMapping, EmptyFileIsAnEmptyMapping) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(folder.Write("f", "")));
  EXPECT_TRUE(mapping->bytes().empty());
  EXPECT_FALSE(mapping->damaged());
}

TEST(PosixMapping, MissingFileAndFolderAreErrors) {
  const TempDir folder;
  EXPECT_ERROR(PosixOs().Map(folder / "missing"), Code::kNotFound, "");
  EXPECT_ERROR(PosixOs().Map(folder.path()), Code::kUnsupported, "folder");
}

TEST(PosixMapping, OutlivesTheNameAndTheFile) {
  const TempDir folder;
  const std::string path = folder.Write("f", "hello");
  std::unique_ptr<Mapping> mapping;
  {
    ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().Open(path));
    folder.Write("g", "other");
    ASSERT_OK(PosixOs().Rename(folder / "g", path));
    ASSERT_OK_AND_ASSIGN(mapping, file->Map());
  }
  ASSERT_OK(PosixOs().Remove(path));
  EXPECT_EQ(ByteAt(*mapping, 0), 'h');
}

TEST(PosixMapping, TruncatedFileReadsAsZerosAndIsDamaged) {
  const TempDir folder;
  const size_t page = Page();
  const std::string path = folder.Write("f", std::string(8 * page, 'x'));
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(path));
  ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(3 * page)), 0);
  EXPECT_EQ(ByteAt(*mapping, 3 * page - 1), 'x');
  EXPECT_FALSE(mapping->damaged());
  EXPECT_EQ(ByteAt(*mapping, 5 * page + 7), 0);
  EXPECT_TRUE(mapping->damaged());
  EXPECT_EQ(ByteAt(*mapping, 8 * page - 1), 0);
  EXPECT_EQ(ByteAt(*mapping, 3 * page), 0);
  EXPECT_EQ(ByteAt(*mapping, 2 * page), 'x');
}

TEST(PosixMapping, EveryPageMayFaultFromBehind) {
  const TempDir folder;
  const size_t pages = 4096;  // one mapping a page would come near the kernel's limit of 65530
  const std::string path = folder.Write("f", "x");
  ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(pages * Page())), 0);
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(path));
  ASSERT_EQ(::truncate(path.c_str(), 0), 0);
  for (size_t i = pages; i-- > 0;) ASSERT_EQ(ByteAt(*mapping, i * Page()), 0);
  EXPECT_TRUE(mapping->damaged());
}

TEST(PosixMapping, DamageStaysWithItsMapping) {
  const TempDir folder;
  const std::string bad = folder.Write("bad", std::string(4 * Page(), 'x'));
  const std::string good = folder.Write("good", std::string(4 * Page(), 'y'));
  ASSERT_OK_AND_ASSIGN(const auto before, PosixOs().Map(good));
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(bad));
  ASSERT_OK_AND_ASSIGN(const auto after, PosixOs().Map(good));
  ASSERT_EQ(::truncate(bad.c_str(), 0), 0);
  EXPECT_EQ(ByteAt(*mapping, 0), 0);
  EXPECT_TRUE(mapping->damaged());
  for (const Mapping* other : {before.get(), after.get()}) {
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(ByteAt(*other, i * Page()), 'y');
    EXPECT_FALSE(other->damaged());
  }
}

TEST(PosixMapping, ASlotIsFreshForTheNextMapping) {
  const TempDir folder;
  const std::string path = folder.Write("f", std::string(Page(), 'x'));
  {
    ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(path));
    ASSERT_EQ(::truncate(path.c_str(), 0), 0);
    EXPECT_EQ(ByteAt(*mapping, 0), 0);
  }
  folder.Write("f", std::string(Page(), 'y'));
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(path));
  EXPECT_FALSE(mapping->damaged());
  EXPECT_EQ(ByteAt(*mapping, 0), 'y');
}

TEST(PosixMapping, ThreadsMayFaultTogether) {
  const TempDir folder;
  constexpr size_t kPages = 64;
  const std::string path = folder.Write("f", std::string(kPages * Page(), 'x'));
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(path));
  ASSERT_EQ(::truncate(path.c_str(), 0), 0);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < kPages; ++i) {
        const size_t at = t % 2 == 0 ? i : kPages - 1 - i;
        if (ByteAt(*mapping, at * Page()) != 0) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(mapping->damaged());
}

TEST(PosixMapping, TableThatIsFullIsAnErrorAndRecovers) {
  const TempDir folder;
  const std::string path = folder.Write("f", "x");
  std::vector<std::unique_ptr<Mapping>> held;
  for (int i = 0; i < posix::kMaxGuardedMappings + 1; ++i) {
    auto mapping = PosixOs().Map(path);
    if (!mapping.ok()) {
      EXPECT_ERROR(mapping, Code::kNoMemory, "mapped already");
      break;
    }
    held.push_back(std::move(*mapping));
  }
  EXPECT_EQ(held.size(), static_cast<size_t>(posix::kMaxGuardedMappings));
  held.pop_back();
  EXPECT_OK(PosixOs().Map(path));
}

// A SIGBUS that is none of ours must still do what it would have done without us.
void FaultOutside(const std::string& path) {
  const auto guarded = PosixOs().Map(path);  // installs the handler
  FILE* const file = std::fopen(path.c_str(), "r+");
  void* const at = ::mmap(nullptr, Page(), PROT_READ, MAP_SHARED, ::fileno(file), 0);
  (void)!::truncate(path.c_str(), 0);
  (void)*static_cast<volatile char*>(at);
}

int StatusOf(void (*child_work)(const std::string&), const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(STDERR_FILENO);  // a sanitizer's report
    child_work(path);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(BusGuard, FaultElsewhereStillEndsTheProcess) {
  const TempDir folder;
  const int status = StatusOf(FaultOutside, folder.Write("f", std::string(Page(), 'x')));
  // Killed by SIGBUS, or by the report of a sanitizer that had the signal before.
  EXPECT_NE(status, 0);
  if (WIFSIGNALED(status)) {
    EXPECT_TRUE(WTERMSIG(status) == SIGBUS || WTERMSIG(status) == SIGABRT) << WTERMSIG(status);
  }
}

TEST(BusGuard, SentSignalEndsTheProcessToo) {
  const TempDir folder;
  const int status = StatusOf(
      [](const std::string& path) {
        const auto mapping = PosixOs().Map(path);
        ::raise(SIGBUS);
      },
      folder.Write("f", "x"));
  EXPECT_NE(status, 0);
}

TEST(PosixAnonymous, IsZeroedAlignedAndWritable) {
  ASSERT_OK_AND_ASSIGN(const auto memory, PosixOs().MapAnonymous(3 * Page() + 1));
  ASSERT_EQ(memory->writable().size(), 3 * Page() + 1);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory->bytes().data()) % Page(), 0u);
  EXPECT_EQ(ByteAt(*memory, 3 * Page()), 0);
  memory->writable()[7] = std::byte{9};
  EXPECT_EQ(ByteAt(*memory, 7), 9);
  memory->Advise(0, Page(), Mapping::Advice::kDontNeed);
  EXPECT_EQ(ByteAt(*memory, 7), 0);
}

TEST(PosixAnonymous, DontNeedSparesTheNeighboursOnThePage) {
  ASSERT_OK_AND_ASSIGN(const auto memory, PosixOs().MapAnonymous(4 * Page()));
  for (std::byte& byte : memory->writable()) byte = std::byte{1};
  memory->Advise(10, 2 * Page(), Mapping::Advice::kDontNeed);
  EXPECT_EQ(ByteAt(*memory, 0), 1);
  EXPECT_EQ(ByteAt(*memory, Page()), 0);
  EXPECT_EQ(ByteAt(*memory, 2 * Page()), 1);
}

TEST(PosixAnonymous, NothingAndTooMuch) {
  ASSERT_OK_AND_ASSIGN(const auto nothing, PosixOs().MapAnonymous(0));
  EXPECT_TRUE(nothing->bytes().empty());
  EXPECT_ERROR(PosixOs().MapAnonymous(uint64_t{1} << 60), Code::kNoMemory, "bytes of memory");
  EXPECT_ERROR(PosixOs().MapAnonymous(UINT64_MAX), Code::kNoMemory, "");
}

TEST(PosixMapping, AdviceBeyondTheEndIsHarmless) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(folder.Write("f", "hello")));
  using Advice = Mapping::Advice;
  for (const auto advice :
       {Advice::kWillNeed, Advice::kDontNeed, Advice::kSequential, Advice::kHugePages}) {
    mapping->Advise(0, UINT64_MAX, advice);
    mapping->Advise(4, 100, advice);
    mapping->Advise(UINT64_MAX, UINT64_MAX, advice);
  }
  EXPECT_EQ(ByteAt(*mapping, 0), 'h');
}

}  // namespace
}  // namespace ledge
