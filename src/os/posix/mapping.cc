#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "base/checked.h"
#include "os/posix/bus_guard.h"
#include "os/posix/posix.h"

namespace ledge::posix {
namespace {

void AdviseRange(std::span<const std::byte> bytes, uint64_t offset, uint64_t length,
                 Mapping::Advice advice) {
  if (offset >= bytes.size()) return;
  length = std::min<uint64_t>(length, bytes.size() - offset);
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  uint64_t begin = offset / page * page;
  uint64_t end = offset + length;
  if (advice == Mapping::Advice::kDontNeed) {
    // Only whole pages: a neighbour's bytes must not go with ours.
    begin = AlignUp(offset, page);
    end = offset + length == bytes.size() ? AlignUp(end, page) : end / page * page;
  }
  if (begin >= end) return;
  constexpr int kAdvice[] = {MADV_WILLNEED, MADV_DONTNEED, MADV_SEQUENTIAL, MADV_HUGEPAGE};
  auto* const first = const_cast<std::byte*>(bytes.data() + begin);
  (void)::madvise(first, end - begin, kAdvice[static_cast<size_t>(advice)]);
}

class FileMapping final : public Mapping {
 public:
  FileMapping(std::span<const std::byte> bytes, BusGuard guard)
      : bytes_(bytes), guard_(std::make_unique<BusGuard>(std::move(guard))) {}
  ~FileMapping() override {
    guard_.reset();
    if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  }
  std::span<const std::byte> bytes() const override { return bytes_; }
  std::span<std::byte> writable() override { return {}; }
  bool damaged() const override { return guard_->damaged(); }
  void Advise(uint64_t offset, uint64_t length, Advice advice) override {
    AdviseRange(bytes_, offset, length, advice);
  }

 private:
  const std::span<const std::byte> bytes_;
  std::unique_ptr<BusGuard> guard_;
};

class AnonymousMapping final : public Mapping {
 public:
  explicit AnonymousMapping(std::span<std::byte> bytes) : bytes_(bytes) {}
  ~AnonymousMapping() override {
    if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
  }
  std::span<const std::byte> bytes() const override { return bytes_; }
  std::span<std::byte> writable() override { return bytes_; }
  bool damaged() const override { return false; }
  void Advise(uint64_t offset, uint64_t length, Advice advice) override {
    AdviseRange(bytes_, offset, length, advice);
  }

 private:
  const std::span<std::byte> bytes_;
};

}  // namespace

Result<std::unique_ptr<Mapping>> MapFd(int fd, const std::string& path) {
  LEDGE_TRY(const FileStatus status, StatusOfFd(fd, path));
  if (status.kind != FileKind::kRegular) {
    return MakeError(Code::kUnsupported, "'{}' is not a regular file; only those can be mapped",
                     PrintableLine(path, 400));
  }
  const uint64_t size = status.stamp.size;
  if (size == 0) {
    return std::unique_ptr<Mapping>(
        std::make_unique<FileMapping>(std::span<const std::byte>(), BusGuard()));
  }
  void* const at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return SystemError(errno, "map", path);
  auto guard = BusGuard::Watch(at, size);
  if (!guard.ok()) {
    ::munmap(at, size);
    return std::move(guard).error();
  }
  return std::unique_ptr<Mapping>(std::make_unique<FileMapping>(
      std::span(static_cast<const std::byte*>(at), size), std::move(*guard)));
}

Result<std::unique_ptr<Mapping>> MapAnonymousMemory(uint64_t bytes) {
  if (bytes == 0) {
    return std::unique_ptr<Mapping>(std::make_unique<AnonymousMapping>(std::span<std::byte>()));
  }
  void* const at =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) {
    return MakeError(Code::kNoMemory, "the system has no {} bytes of memory to give", bytes);
  }
  return std::unique_ptr<Mapping>(
      std::make_unique<AnonymousMapping>(std::span(static_cast<std::byte*>(at), bytes)));
}

}  // namespace ledge::posix
