// Several real processes on one real store.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "os/os.h"
#include "store/store.h"
#include "testing/fake_pack.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::FakePack;
using testing::FakePackedText;
using testing::TempDir;

const std::string kSource = "source";

PutRequest RequestFor(const TempDir& folder, const std::string& name) {
  PutRequest request;
  request.name = ModelName{"", name, "latest"};
  request.source_path = folder / "source.gguf";
  return request;
}

// Notes each packing as a file, slowly, so that importers meet.
PackFunction SlowPack(const TempDir& folder) {
  return [&folder](PendingFile& out) {
    folder.Write("packs/" + std::to_string(::getpid()), "");
    PosixOs().Sleep(std::chrono::milliseconds(50));
    return FakePack(kSource)(out);
  };
}

// Runs `work` in a process of its own; its exit status is 0 if it returned true.
pid_t InChild(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  return child;
}

int Wait(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(StoreProcesses, ImportingOneFileAtOnceMakesOneCopy) {
  const TempDir folder;
  folder.Write("source.gguf", kSource);
  PosixOs().Sleep(std::chrono::milliseconds(80));  // settled: see IsSettled
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(InChild([&] {
      const auto store = Store::Open(PosixOs(), folder / "home");
      return store.ok() &&
             store->Put(RequestFor(folder, "m" + std::to_string(i % 2)), SlowPack(folder)).ok();
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(Wait(child), 0);
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(PosixOs(), folder / "home"));
  ASSERT_OK_AND_ASSIGN(const Listing listing, store.List());
  ASSERT_EQ(listing.models.size(), 2u);
  EXPECT_EQ(PosixOs().List(folder / "home/models")->size(), 1u);
  EXPECT_EQ(PosixOs().List(folder / "packs")->size(), 1u);  // the others waited and shared
  EXPECT_EQ(PosixOs().List(folder / "home/run").value(), std::vector<std::string>{"store.lock"});
  EXPECT_EQ(testing::ReadWholeFile(store.PackedPath(listing.models[0])), FakePackedText(kSource));
}

TEST(StoreProcesses, KilledImportLeavesNothingThatGcDoesNotTake) {
  const TempDir folder;
  folder.Write("source.gguf", kSource);
  const pid_t child = InChild([&] {
    const auto store = Store::Open(PosixOs(), folder / "home");
    (void)store->Put(RequestFor(folder, "m"), [](PendingFile& out) -> Result<PackedInfo> {
      (void)out.WriteAt(0, std::as_bytes(std::span("half")));
      ::raise(SIGKILL);
      return MakeError(Code::kInternal, "still alive");
    });
    return true;
  });
  EXPECT_TRUE(WIFSIGNALED(Wait(child)));
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(PosixOs(), folder / "home"));
  EXPECT_TRUE(store.List()->models.empty());
  EXPECT_EQ(PosixOs().List(folder / "home/models")->size(), 1u);  // the temporary file
  ASSERT_OK(store.Gc(false));
  EXPECT_TRUE(PosixOs().List(folder / "home/models")->empty());
  EXPECT_EQ(PosixOs().List(folder / "home/run").value(), std::vector<std::string>{"store.lock"});
  EXPECT_OK(store.Put(RequestFor(folder, "m"), FakePack(kSource)));
}

TEST(StoreProcesses, ImportsRemovalsAndCollectionsInterleave) {
  const TempDir folder;
  folder.Write("source.gguf", kSource);
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    children.push_back(InChild([&] {
      const auto store = Store::Open(PosixOs(), folder / "home");
      const std::string name = "m" + std::to_string(i);
      for (int round = 0; round < 8; ++round) {
        const auto put = store->Put(RequestFor(folder, name), FakePack(kSource));
        if (!put.ok()) return false;
        // Whatever the others do, what was just named is there.
        if (testing::ReadWholeFile(store->PackedPath(*put)) != FakePackedText(kSource))
          return false;
        if (!store->Gc(false).ok()) return false;
        if (!store->Remove(put->name).ok()) return false;
      }
      return true;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(Wait(child), 0);
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(PosixOs(), folder / "home"));
  EXPECT_TRUE(store.List()->models.empty());
  ASSERT_OK(store.Gc(false));
  EXPECT_TRUE(PosixOs().List(folder / "home/models")->empty());
}

TEST(StoreProcesses, RemovedModelStaysMapped) {
  const TempDir folder;
  folder.Write("source.gguf", kSource);
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(PosixOs(), folder / "home"));
  ASSERT_OK_AND_ASSIGN(const Manifest manifest,
                       store.Put(RequestFor(folder, "m"), FakePack(kSource)));
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(store.PackedPath(manifest)));
  ASSERT_OK(store.Remove(manifest.name));
  const auto bytes = mapping->bytes();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
            FakePackedText(kSource));
  EXPECT_FALSE(mapping->damaged());
}

TEST(StoreProcesses, ReadOnlyUseMakesNothing) {
  const TempDir folder;
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(PosixOs(), folder / "home"));
  EXPECT_TRUE(store.List()->models.empty());
  EXPECT_ERROR(store.Find({"", "m", "latest"}), Code::kNotFound, "");
  EXPECT_TRUE(PosixOs().List(folder.path())->empty());
}

}  // namespace
}  // namespace ledge
