#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "os/os.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::TempDir;

std::string Text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const std::byte> AsBytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(PosixFile, ReadsAtOffsetsAndInTurn) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().Open(folder.Write("f", "0123456789")));
  std::array<std::byte, 4> out;
  ASSERT_OK(file->ReadAt(6, out));
  EXPECT_EQ(Text(out), "6789");
  EXPECT_EQ(file->Read(out).value(), 4u);
  EXPECT_EQ(Text(out), "0123");
  EXPECT_EQ(file->Read(out).value(), 4u);
  EXPECT_EQ(file->Read(out).value(), 2u);
  EXPECT_EQ(file->Read(out).value(), 0u);
}

TEST(PosixFile, ReadBeyondTheEndSaysWhereItEnded) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().Open(folder.Write("f", "0123456789")));
  std::array<std::byte, 4> out;
  EXPECT_ERROR(file->ReadAt(8, out), Code::kMalformed, "ended at byte 10; 2 more");
  EXPECT_ERROR(file->ReadAt(UINT64_MAX - 1, out), Code::kNoSpace, "too large");
}

TEST(PosixFile, MissingIsNotFound) {
  const TempDir folder;
  const std::string path = folder / "missing.gguf";
  EXPECT_ERROR(PosixOs().Open(path), Code::kNotFound, "cannot open '" + path + "'");
  EXPECT_ERROR(PosixOs().Open(path), Code::kNotFound, "; check the path");
  EXPECT_ERROR(PosixOs().Open(folder.Write("f", "") + "/below"), Code::kNotFound, "");
  EXPECT_ERROR(PosixOs().Open(std::string(5000, 'x')), Code::kNotFound, "");
  EXPECT_ERROR(PosixOs().Open(""), Code::kNotFound, "");
  EXPECT_ERROR(PosixOs().Open(std::string("a\0b", 3)), Code::kNotFound, "a\\x00b");
}

TEST(PosixFile, FoldersPipesAndDevicesAreUnsupportedAndNotWaitedFor) {
  const TempDir folder;
  EXPECT_ERROR(PosixOs().Open(folder.path()), Code::kUnsupported, "is a folder");
  EXPECT_ERROR(PosixOs().Open("/dev/zero"), Code::kUnsupported, "device");
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_ERROR(PosixOs().Open(pipe), Code::kUnsupported, "device, pipe or socket");
  EXPECT_ERROR(PosixOs().OpenForUpdate(pipe), Code::kUnsupported, "");
  EXPECT_ERROR(PosixOs().Map(pipe), Code::kUnsupported, "");
  const std::string socket = folder / "socket";
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  socket.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_ERROR(PosixOs().Open(socket), Code::kUnsupported, "");
  ::close(fd);
}

TEST(PosixFile, AnyKindReadsAPipeToItsEnd) {
  const TempDir folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] {
    const int fd = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
    (void)!::write(fd, "hello", 5);
    ::close(fd);
  });
  ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().Open(pipe, /*any_kind=*/true));
  std::string text;
  std::array<std::byte, 3> out;
  for (;;) {
    ASSERT_OK_AND_ASSIGN(const size_t count, file->Read(out));
    if (count == 0) break;
    text += Text(std::span(out).first(count));
  }
  writer.join();
  EXPECT_EQ(text, "hello");
  EXPECT_ERROR(file->ReadAt(0, out), Code::kIo, "");
}

TEST(PosixFile, OpenedForReadingCannotBeWritten) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().Open(folder.Write("f", "abc")));
  EXPECT_ERROR(file->WriteAt(0, AsBytes("x")), Code::kIo, "cannot write");
}

TEST(PosixFile, UpdateKeepsWhatIsThereAndMakesWhatIsMissing) {
  const TempDir folder;
  const std::string path = folder / "partial";
  {
    ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().OpenForUpdate(path));
    ASSERT_OK(file->WriteAt(0, AsBytes("hello")));
    ASSERT_OK(file->Sync());
  }
  ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().OpenForUpdate(path));
  EXPECT_EQ(file->Status()->stamp.size, 5u);
  ASSERT_OK(file->WriteAt(5, AsBytes(" world")));
  EXPECT_EQ(testing::ReadWholeFile(path), "hello world");
}

TEST(PosixFile, DescriptorsAreNotInherited) {
  const TempDir folder;
  const int before = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().Open(folder.Write("f", "abc")));
  // The next descriptor is the file's: the lowest free one is always taken.
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  for (int fd = before + 1; fd < next; ++fd) EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  ::close(before);
  ::close(next);
}

TEST(PosixFile, StatusTellsContentsApart) {
  const TempDir folder;
  const std::string path = folder.Write("f", "abc");
  ASSERT_OK_AND_ASSIGN(const FileStatus before, PosixOs().Status(path));
  EXPECT_EQ(before.kind, FileKind::kRegular);
  EXPECT_EQ(before.stamp.size, 3u);
  EXPECT_EQ(PosixOs().Status(path)->stamp, before.stamp);
  folder.Write("f", "abcd");
  EXPECT_NE(PosixOs().Status(path)->stamp, before.stamp);
  EXPECT_EQ(PosixOs().Status(folder.path())->kind, FileKind::kDirectory);
  EXPECT_EQ(PosixOs().Status("/dev/null")->kind, FileKind::kOther);
  EXPECT_ERROR(PosixOs().Status(folder / "missing"), Code::kNotFound, "");
}

TEST(PosixFile, MissingRightsAreNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const TempDir folder;
  const std::string path = folder.Write("f", "abc");
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  EXPECT_ERROR(PosixOs().Open(path), Code::kIo, "Permission denied; the user that runs ledge");
}

}  // namespace
}  // namespace ledge
