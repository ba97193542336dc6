#include "store/store.h"

#include <gtest/gtest.h>

#include "os/fault/fault_os.h"
#include "testing/fake_pack.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using fault::FaultOs;
using testing::FakePack;
using testing::FakePackedText;

const ModelName kA = {"", "a", "latest"};
const ModelName kB = {"", "b", "latest"};

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    os_.Put("/src/one.gguf", "one-one-one");
    os_.Put("/src/two.gguf", "two-two-two");
    os_.Advance(std::chrono::hours(1));  // settled files
  }
  Store Open(StoreOptions options = {}) { return Store::Open(os_, "/home/ledge", options).value(); }
  Result<Manifest> Import(const Store& store, const ModelName& name, const std::string& file,
                          Origin origin = Origin::kImport) {
    os_.Advance(std::chrono::seconds(1));
    PutRequest request;
    request.name = name;
    request.source_path = "/src/" + file;
    request.origin = origin;
    return store.Put(request, FakePack(os_.Files()[request.source_path], &packs_));
  }
  std::string Contents(const Manifest& manifest) {
    return os_.Files()["/home/ledge/models/" + manifest.PackedFile()];
  }
  std::vector<std::string> FilesIn(const std::string& folder) {
    std::vector<std::string> files;
    for (const auto& [path, text] : os_.Files()) {
      if (path.starts_with("/home/ledge/" + folder + "/")) files.push_back(path);
    }
    return files;
  }

  FaultOs os_;
  std::atomic<int> packs_{0};
};

TEST_F(StoreTest, DownloadFoldersGoWithTheirOwnerOrAreCollected) {
  const Store store = Open();
  std::string path;
  {
    ASSERT_OK_AND_ASSIGN(const DownloadFolder folder, store.MakeDownloadFolder());
    path = folder.path();
    os_.Put(path + "/part", std::string(1000, 'x'));
    os_.Put(path + "/deep/er", std::string(10, 'x'));
    EXPECT_TRUE(store.Gc(false)->removed.empty()) << "its owner lives";
    EXPECT_OK(store.MakeDownloadFolder()) << "and so it stays beside another's";
    EXPECT_OK(os_.Status(path + "/part"));
  }
  EXPECT_ERROR(os_.Status(path), Code::kNotFound, "");
  EXPECT_TRUE(FilesIn("run").empty() ||
              FilesIn("run") == std::vector<std::string>{"/home/ledge/run/store.lock"});

  auto killed = store.MakeDownloadFolder();
  ASSERT_OK(killed);
  os_.Put(killed->path() + "/part", std::string(1000, 'x'));
  os_.Put(killed->path() + "/deep/er", std::string(10, 'x'));
  os_.Put("/home/ledge/tmp/pull-mine/kept", "not of ours");
  auto after = os_.Clone();  // has no locks: the process died
  const Store again = Store::Open(*after, "/home/ledge").value();
  ASSERT_OK_AND_ASSIGN(const GcReport planned, again.Gc(true));
  ASSERT_EQ(planned.removed.size(), 2u);
  EXPECT_EQ(planned.removed[0].path, killed->path());
  EXPECT_EQ(planned.removed[0].bytes, 1010u);
  EXPECT_EQ(planned.removed[0].reason, "download of a dead process");
  EXPECT_TRUE(planned.removed[1].path.ends_with(".lock"));
  EXPECT_OK(after->Status(killed->path() + "/part"));
  ASSERT_OK_AND_ASSIGN(const GcReport done, again.Gc(false));
  EXPECT_EQ(done.bytes, planned.bytes);
  EXPECT_ERROR(after->Status(killed->path()), Code::kNotFound, "");
  EXPECT_OK(after->Status("/home/ledge/tmp/pull-mine/kept"));
  EXPECT_TRUE(again.Gc(false)->removed.empty());
}

TEST_F(StoreTest, EmptyHomeIsAnEmptyStoreAndReadingMakesNothing) {
  const Store store = Open();
  EXPECT_TRUE(store.List()->models.empty());
  EXPECT_ERROR(store.Find(kA), Code::kNotFound, "no model is called 'a'");
  EXPECT_ERROR(store.Remove(kA), Code::kNotFound, "no model is called 'a'");
  EXPECT_EQ(store.BytesUsed().value(), 0u);
  EXPECT_TRUE(store.Gc(false)->removed.empty());
  EXPECT_FALSE(store.KnownDigest("/src/one.gguf"));
  EXPECT_TRUE(store.FindBySource(Sha256Of("x"))->empty());
  EXPECT_EQ(os_.operations(), 0u);
}

TEST_F(StoreTest, HomeMustBeAFolder) {
  EXPECT_ERROR(Store::Open(os_, "/src/one.gguf"), Code::kUsage, "not a folder");
  EXPECT_ERROR(Store::Open(os_, ""), Code::kUsage, "--home");
}

TEST_F(StoreTest, PutMakesTheNameAndTheFile) {
  const Store store = Open();
  ASSERT_OK_AND_ASSIGN(const Manifest put, Import(store, kA, "one.gguf"));
  ASSERT_OK_AND_ASSIGN(const Manifest found, store.Find(kA));
  EXPECT_EQ(found, put);
  EXPECT_EQ(found.source_file, "one.gguf");
  EXPECT_EQ(found.source_sha256, Sha256Of("one-one-one"));
  EXPECT_EQ(found.source_stamp, os_.Status("/src/one.gguf")->stamp);
  EXPECT_EQ(found.architecture, "fake");
  EXPECT_EQ(found.licence, "MIT");
  EXPECT_EQ(Contents(found), FakePackedText("one-one-one"));
  EXPECT_EQ(store.PackedPath(found), "/home/ledge/models/" + found.PackedFile());
  EXPECT_EQ(store.BytesUsed().value(), FakePackedText("one-one-one").size());
  EXPECT_EQ(FilesIn("run"), std::vector<std::string>{"/home/ledge/run/store.lock"});
}

TEST_F(StoreTest, SecondImportOfTheSameFilePacksNothing) {
  const Store store = Open();
  ASSERT_OK(Import(store, kA, "one.gguf"));
  ASSERT_OK(Import(store, kB, "one.gguf"));
  EXPECT_EQ(packs_, 1);
  EXPECT_EQ(FilesIn("models").size(), 1u);
  EXPECT_EQ(store.List()->models.size(), 2u);
  EXPECT_EQ(store.FindBySource(Sha256Of("one-one-one"))->size(), 2u);
  EXPECT_EQ(store.KnownDigest("/src/one.gguf"), Sha256Of("one-one-one"));
}

TEST_F(StoreTest, ChangedFileIsPackedAgain) {
  const Store store = Open();
  ASSERT_OK(Import(store, kA, "one.gguf"));
  os_.Put("/src/one.gguf", "ONE");
  os_.Advance(std::chrono::hours(1));
  EXPECT_FALSE(store.KnownDigest("/src/one.gguf"));
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, Import(store, kA, "one.gguf"));
  EXPECT_EQ(packs_, 2);
  EXPECT_EQ(Contents(manifest), FakePackedText("ONE"));
  EXPECT_EQ(FilesIn("models").size(), 1u);  // the old one had no other name
}

TEST_F(StoreTest, FreshlyWrittenFileIsNotTrustedToBeUnchanged) {
  const Store store = Open();
  os_.Put("/src/hot.gguf", "hot");
  PutRequest request;
  request.name = kA;
  request.source_path = "/src/hot.gguf";
  ASSERT_OK(store.Put(request, FakePack("hot", &packs_)));
  EXPECT_FALSE(store.KnownDigest("/src/hot.gguf"));
}

TEST_F(StoreTest, SameContentsUnderAnotherPathShareTheFile) {
  os_.Put("/src/copy.gguf", "one-one-one");
  os_.Advance(std::chrono::hours(1));
  const Store store = Open();
  ASSERT_OK(Import(store, kA, "one.gguf"));
  ASSERT_OK(Import(store, kB, "copy.gguf"));
  EXPECT_EQ(FilesIn("models").size(), 1u);
  ASSERT_OK(store.Remove(kA));
  EXPECT_EQ(Contents(store.Find(kB).value()), FakePackedText("one-one-one"));
}

TEST_F(StoreTest, FileThatChangesWhileItIsPackedIsRefused) {
  const Store store = Open();
  PutRequest request;
  request.name = kA;
  request.source_path = "/src/one.gguf";
  const auto pack = [&](PendingFile& out) {
    os_.Put("/src/one.gguf", "other");
    return FakePack("one-one-one")(out);
  };
  EXPECT_ERROR(store.Put(request, pack), Code::kIo, "changed while it was packed");
  EXPECT_TRUE(FilesIn("models").empty());
  EXPECT_TRUE(FilesIn("names").empty());
}

TEST_F(StoreTest, FailedPackLeavesTheStoreAsBefore) {
  const Store store = Open();
  ASSERT_OK(Import(store, kA, "one.gguf"));
  const auto before = os_.Files();
  PutRequest request;
  request.name = kA;
  request.source_path = "/src/two.gguf";
  const auto pack = [](PendingFile& out) -> Result<PackedInfo> {
    LEDGE_CHECK_OK(out.WriteAt(0, std::as_bytes(std::span("half"))));
    return MakeError(Code::kMalformed, "tensor 3 has NaN");
  };
  EXPECT_ERROR(store.Put(request, pack), Code::kMalformed, "tensor 3");
  EXPECT_EQ(os_.Files(), before);
}

TEST_F(StoreTest, PromisedDigestMustBeTheSources) {
  const Store store = Open();
  PutRequest request;
  request.name = kA;
  request.source_path = "/src/one.gguf";
  request.source_sha256 = Sha256Of("something else");
  EXPECT_ERROR(store.Put(request, FakePack("one-one-one")), Code::kVerification, "was promised");
  EXPECT_TRUE(FilesIn("models").empty());
  // Nor when the something else is in the store already.
  request.source_sha256 = Sha256Of("two-two-two");
  ASSERT_OK(Import(store, kB, "two.gguf"));
  EXPECT_ERROR(store.Put(request, FakePack("one-one-one")), Code::kVerification, "was promised");
}

TEST_F(StoreTest, NewLayoutIsPackedBesideAndTheOldOneGoes) {
  const Store store = Open();
  ASSERT_OK_AND_ASSIGN(const Manifest old, Import(store, kA, "one.gguf"));
  PutRequest request;
  request.name = kA;
  request.source_sha256 = old.source_sha256;
  request.layout_version = 2;
  ASSERT_OK_AND_ASSIGN(const Manifest fresh, store.Put(request, FakePack("one-one-one", &packs_)));
  EXPECT_EQ(packs_, 2);
  EXPECT_EQ(fresh.layout_version, 2u);
  EXPECT_EQ(FilesIn("models"), std::vector<std::string>{store.PackedPath(fresh)});
}

TEST_F(StoreTest, RemoveTakesTheFileWithItsLastName) {
  const Store store = Open();
  ASSERT_OK(Import(store, kA, "one.gguf"));
  ASSERT_OK(Import(store, kB, "one.gguf"));
  ASSERT_OK(store.Remove(kA));
  EXPECT_EQ(FilesIn("models").size(), 1u);
  ASSERT_OK(store.Remove(kB));
  EXPECT_TRUE(FilesIn("models").empty());
  EXPECT_TRUE(FilesIn("names").empty());
  EXPECT_ERROR(store.Remove(kB), Code::kNotFound, "");
}

TEST_F(StoreTest, DamagedManifestIsListedAndCanBeRemoved) {
  const Store store = Open();
  ASSERT_OK(Import(store, kB, "one.gguf"));
  os_.Put("/home/ledge/names/" + kA.ManifestFile(), "{");
  ASSERT_OK_AND_ASSIGN(const Listing listing, store.List());
  ASSERT_EQ(listing.damaged.size(), 1u);
  EXPECT_EQ(listing.damaged[0].first, kA);
  EXPECT_EQ(listing.models.size(), 1u);
  EXPECT_ERROR(store.Find(kA), Code::kMalformed, "a@latest.json");
  // What it named is unknown, so nothing may be collected.
  ASSERT_OK(store.Remove(kB));
  EXPECT_NE(store.Gc(false)->kept_because.find("'a'"), std::string::npos);
  EXPECT_EQ(FilesIn("models").size(), 1u);
  ASSERT_OK(store.Remove(kA));
  EXPECT_TRUE(store.Gc(false)->kept_because.empty());
  EXPECT_TRUE(FilesIn("models").empty());
}

TEST_F(StoreTest, HugeManifestIsMalformed) {
  os_.Put("/home/ledge/names/" + kA.ManifestFile(), std::string(kMaxManifestBytes + 1, ' '));
  EXPECT_ERROR(Open().Find(kA), Code::kMalformed, "at most 65536");
}

TEST_F(StoreTest, GcTakesWhatDeadProcessesLeftAndNothingElse) {
  const Store store = Open();
  ASSERT_OK(Import(store, kA, "one.gguf"));
  const auto clean = os_.Files();
  const std::string orphan = "/home/ledge/models/" + PackedFileName(Sha256Of("gone"), 1);
  os_.Put(orphan, "12345");
  os_.Put("/home/ledge/models/.incoming.00.ledge-tmp", "123");
  os_.Put("/home/ledge/names/.a@latest.json.00.ledge-tmp", "1");
  os_.Put("/home/ledge/run/pack-x.lock", "");
  os_.Put("/home/ledge/stamps/1-ffff.json", "garbage");
  ASSERT_OK_AND_ASSIGN(const GcReport would, store.Gc(true));
  EXPECT_EQ(would.removed.size(), 5u);
  EXPECT_EQ(would.bytes, 5u + 3 + 1 + 7);
  EXPECT_NE(os_.Files(), clean);
  ASSERT_OK_AND_ASSIGN(const GcReport did, store.Gc(false));
  EXPECT_EQ(did.removed.size(), 5u);
  EXPECT_EQ(did.bytes, would.bytes);
  EXPECT_EQ(os_.Files(), clean);
}

TEST_F(StoreTest, GcLeavesForeignFilesAlone) {
  ASSERT_OK(Import(Open(), kA, "one.gguf"));
  os_.Put("/home/ledge/models/notes.txt", "mine");
  os_.Put("/home/ledge/run/ledge.sock", "");
  ASSERT_OK_AND_ASSIGN(const GcReport report, Open().Gc(false));
  EXPECT_TRUE(report.removed.empty());
}

TEST_F(StoreTest, GcLeavesWhatALivingImportIsAt) {
  const Store store = Open();
  PutRequest request;
  request.name = kA;
  request.source_path = "/src/one.gguf";
  const auto pack = [&](PendingFile& out) {
    auto info = FakePack("one-one-one")(out);
    EXPECT_OK(Open().Gc(false));
    EXPECT_TRUE(Open().Gc(false)->removed.empty());
    return info;
  };
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, store.Put(request, pack));
  EXPECT_EQ(Contents(manifest), FakePackedText("one-one-one"));
}

TEST_F(StoreTest, FileThatIsAboutToBeNamedIsNotCollected) {
  const Store store = Open();
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, Import(store, kA, "one.gguf"));
  const std::string lock_path = "/home/ledge/run/pack-" + manifest.PackedFile() + ".lock";
  {
    ASSERT_OK_AND_ASSIGN(const auto other, os_.Lock(lock_path, true));
    ASSERT_OK(store.Remove(kA));
    EXPECT_EQ(FilesIn("models").size(), 1u);
    ASSERT_OK(store.Gc(false));
    EXPECT_EQ(FilesIn("models").size(), 1u);
  }
  EXPECT_FALSE(store.Gc(false)->removed.empty());
  EXPECT_TRUE(FilesIn("models").empty());
}

TEST_F(StoreTest, QuotaEvictsRunEntriesOldestFirst) {
  const uint64_t one = FakePackedText("one-one-one").size();
  const Store store = Open({.quota_bytes = 2 * one});
  os_.Put("/src/three.gguf", "333-333-333");
  ASSERT_OK(Import(store, kA, "one.gguf", Origin::kRun));
  ASSERT_OK(Import(store, kB, "two.gguf", Origin::kRun));
  ASSERT_OK(Import(store, {"", "c", "latest"}, "three.gguf"));
  EXPECT_ERROR(store.Find(kA), Code::kNotFound, "");
  EXPECT_OK(store.Find(kB));
  EXPECT_EQ(store.BytesUsed().value(), 2 * one);
}

TEST_F(StoreTest, QuotaNeverEvictsWhatWasImported) {
  const uint64_t one = FakePackedText("one-one-one").size();
  const Store store = Open({.quota_bytes = 2 * one - 1});
  ASSERT_OK(Import(store, kA, "one.gguf", Origin::kRun));
  ASSERT_OK(Import(store, {"", "named", "latest"}, "one.gguf"));  // now it has a name that counts
  const auto before = os_.Files();
  EXPECT_ERROR(Import(store, kB, "two.gguf"), Code::kNoSpace, "quota");
  EXPECT_EQ(os_.Files(), before);
}

TEST_F(StoreTest, QuotaRefusesBeforePackingAndEvictsNothingForIt) {
  const Store store = Open({.quota_bytes = 5000});
  ASSERT_OK(Import(store, kA, "one.gguf", Origin::kRun));
  PutRequest request;
  request.name = kB;
  request.source_path = "/src/two.gguf";
  request.expected_packed_bytes = 5001;
  EXPECT_ERROR(store.Put(request, FakePack("two-two-two", &packs_)), Code::kNoSpace, "quota");
  EXPECT_EQ(packs_, 1);
  EXPECT_OK(store.Find(kA));
}

TEST_F(StoreTest, LeftoversMakeRoomBeforeAnythingIsRefused) {
  const uint64_t one = FakePackedText("one-one-one").size();
  const Store store = Open({.quota_bytes = one});
  os_.Put("/home/ledge/models/" + PackedFileName(Sha256Of("gone"), 1), std::string(one, 'x'));
  os_.Put("/home/ledge/models/.incoming.00.ledge-tmp", "half");
  ASSERT_OK(Import(store, kA, "one.gguf"));
  EXPECT_EQ(FilesIn("models").size(), 1u);
}

TEST_F(StoreTest, FullDiskIsRefusedBeforePacking) {
  os_.SetCapacity(1000);
  PutRequest request;
  request.name = kA;
  request.source_path = "/src/one.gguf";
  request.expected_packed_bytes = 100'000;
  EXPECT_ERROR(Open().Put(request, FakePack("one-one-one", &packs_)), Code::kNoSpace, "has");
  EXPECT_EQ(packs_, 0);
}

TEST_F(StoreTest, VerifyAsksTheFunctionAndRemembersTheStamp) {
  const Store store = Open();
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, Import(store, kA, "one.gguf"));
  EXPECT_TRUE(store.IsUnchanged(manifest));
  // Restored from somewhere: the same bytes in another inode.
  os_.Put(store.PackedPath(manifest), FakePackedText("one-one-one"));
  os_.Advance(std::chrono::hours(1));
  EXPECT_FALSE(store.IsUnchanged(manifest));
  const auto refuse = [](const std::string&, const Manifest&) -> Result<void> {
    return MakeError(Code::kVerification, "panel 7 differs");
  };
  EXPECT_ERROR(store.Verify(kA, refuse), Code::kVerification, "panel 7");
  EXPECT_FALSE(store.IsUnchanged(manifest));
  EXPECT_OK(store.Verify(kA, [](const std::string&, const Manifest&) { return Result<void>(); }));
  EXPECT_TRUE(store.IsUnchanged(manifest));
}

TEST_F(StoreTest, VerifyNoticesTheSizeItself) {
  const Store store = Open();
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, Import(store, kA, "one.gguf"));
  os_.Put(store.PackedPath(manifest), "short");
  EXPECT_ERROR(store.Verify(kA, [](const std::string&, const Manifest&) { return Result<void>(); }),
               Code::kVerification, "has 5 bytes");
  EXPECT_FALSE(store.IsUnchanged(manifest));
}

TEST_F(StoreTest, ExportCommitsOnlyWhatSucceeded) {
  const Store store = Open();
  ASSERT_OK(Import(store, kA, "one.gguf"));
  const auto write = [](bool good) {
    return [good](const std::string&, const Manifest&, PendingFile& out) -> Result<void> {
      LEDGE_CHECK_OK(out.WriteAt(0, std::as_bytes(std::span("abc", 3))));
      if (good) return {};
      return MakeError(Code::kVerification, "digest differs");
    };
  };
  EXPECT_ERROR(store.Export(kA, "/src/out.gguf", write(false)), Code::kVerification, "differs");
  EXPECT_FALSE(os_.Files().contains("/src/out.gguf"));
  EXPECT_OK(store.Export(kA, "/src/out.gguf", write(true)));
  EXPECT_EQ(os_.Files()["/src/out.gguf"], "abc");
  EXPECT_ERROR(store.Export(kB, "/src/o", write(true)), Code::kNotFound, "");
}

TEST_F(StoreTest, WaitingForAnotherImportCanBeStopped) {
  ASSERT_OK(Import(Open(), kA, "one.gguf"));
  const FileStamp stamp = os_.Status("/src/two.gguf")->stamp;
  ASSERT_OK_AND_ASSIGN(
      const auto other,
      os_.Lock(fmt::format("/home/ledge/run/source-{:x}-{:x}.lock", stamp.device, stamp.inode),
               true));
  PutRequest request;
  request.name = kB;
  request.source_path = "/src/two.gguf";
  int asked = 0;
  request.stop = [&] { return ++asked == 3; };
  EXPECT_ERROR(Open().Put(request, FakePack("two-two-two")), Code::kInterrupted, "stopped");
}

TEST_F(StoreTest, EveryFailedReadIsAnErrorOrHarmless) {
  const Store prepared = Open();
  ASSERT_OK(Import(prepared, kA, "one.gguf"));
  auto counting = os_.Clone();
  const auto work = [&](FaultOs& os) -> Result<Manifest> {
    LEDGE_TRY(const Store store, Store::Open(os, "/home/ledge"));
    PutRequest request;
    request.name = kA;
    request.source_path = "/src/two.gguf";
    return store.Put(request, FakePack("two-two-two"));
  };
  ASSERT_OK(work(*counting));
  const uint64_t reads = counting->reads();
  ASSERT_GT(reads, 10u);
  for (uint64_t n = 0; n < reads; ++n) {
    auto os = os_.Clone();
    os->FailRead(n);
    const auto result = work(*os);
    const Store store = Store::Open(*os, "/home/ledge").value();
    ASSERT_OK_AND_ASSIGN(const Manifest now, store.Find(kA));
    const std::string source = result.ok() ? "two-two-two" : "one-one-one";
    EXPECT_EQ(now.source_sha256, Sha256Of(source)) << n;
    EXPECT_EQ(os->Files()[store.PackedPath(now)], FakePackedText(source)) << n;
  }
}

}  // namespace
}  // namespace ledge
