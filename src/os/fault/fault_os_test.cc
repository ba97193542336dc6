#include "os/fault/fault_os.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "testing/result_matchers.h"

namespace ledge::fault {
namespace {

using Files = std::map<std::string, std::string>;

std::span<const std::byte> AsBytes(std::string_view text) { return std::as_bytes(std::span(text)); }

Result<void> Install(Os& os, const std::string& path, std::string_view text) {
  LEDGE_TRY(const auto file, os.Create(path));
  LEDGE_CHECK_OK(file->WriteAt(0, AsBytes(text)));
  return file->Commit();
}

// Writes without any sync.
Result<void> Scribble(Os& os, const std::string& path, std::string_view text) {
  LEDGE_TRY(const auto file, os.OpenForUpdate(path));
  return file->WriteAt(0, AsBytes(text));
}

FaultOs& WithFolder(FaultOs& os) {
  os.Put("/d/old", "old");
  return os;
}

TEST(FaultOs, BehavesLikeADisk) {
  FaultOs os;
  WithFolder(os);
  ASSERT_OK(Install(os, "/d/f", "hello"));
  ASSERT_OK_AND_ASSIGN(const auto file, os.Open("/d/f"));
  std::array<std::byte, 3> out;
  ASSERT_OK(file->ReadAt(1, out));
  EXPECT_EQ(std::memcmp(out.data(), "ell", 3), 0);
  EXPECT_ERROR(file->ReadAt(3, out), Code::kMalformed, "ended at byte 5");
  EXPECT_EQ(file->Read(out).value(), 3u);
  EXPECT_EQ(file->Read(out).value(), 2u);
  EXPECT_EQ(file->Read(out).value(), 0u);
  EXPECT_EQ(os.List("/d").value(), (std::vector<std::string>{"f", "old"}));
  EXPECT_EQ(os.Map("/d/f").value()->bytes().size(), 5u);
  ASSERT_OK(os.Remove("/d/f"));
  EXPECT_ERROR(os.Open("/d/f"), Code::kNotFound, "");
  EXPECT_ERROR(os.Open("/d"), Code::kUnsupported, "");
  EXPECT_ERROR(Install(os, "/no/f", "x"), Code::kNotFound, "");
}

TEST(FaultOs, StampChangesWithTheContents) {
  FaultOs os;
  WithFolder(os);
  const FileStamp before = os.Status("/d/old")->stamp;
  EXPECT_EQ(os.Status("/d/old")->stamp, before);
  ASSERT_OK(Scribble(os, "/d/old", "new"));
  EXPECT_NE(os.Status("/d/old")->stamp, before);
}

TEST(FaultOs, CommittedFileSurvivesTheWorstCut) {
  FaultOs os;
  WithFolder(os);
  ASSERT_OK(Install(os, "/d/f", "hello"));
  os.Restart(Survival::kNothingUnsynced);
  EXPECT_EQ(os.Files(), (Files{{"/d/f", "hello"}, {"/d/old", "old"}}));
}

TEST(FaultOs, UnsyncedDataAndNamesAreLost) {
  FaultOs os;
  WithFolder(os);
  ASSERT_OK(Scribble(os, "/d/old", "new"));
  ASSERT_OK(Scribble(os, "/d/fresh", "x"));
  EXPECT_EQ(os.Files(), (Files{{"/d/fresh", "x"}, {"/d/old", "new"}}));
  os.Restart(Survival::kNothingUnsynced);
  EXPECT_EQ(os.Files(), (Files{{"/d/old", "old"}}));
}

TEST(FaultOs, SyncOfAFileDoesNotKeepItsName) {
  FaultOs os;
  WithFolder(os);
  ASSERT_OK_AND_ASSIGN(const auto file, os.OpenForUpdate("/d/fresh"));
  ASSERT_OK(file->WriteAt(0, AsBytes("x")));
  ASSERT_OK(file->Sync());
  os.Restart(Survival::kNothingUnsynced);
  EXPECT_EQ(os.Files(), (Files{{"/d/old", "old"}}));
}

TEST(FaultOs, SyncOfAFolderDoesNotKeepTheData) {
  FaultOs os;
  WithFolder(os);
  ASSERT_OK(Scribble(os, "/d/fresh", "x"));
  ASSERT_OK(os.SyncFolder("/d"));
  os.Restart(Survival::kNothingUnsynced);
  EXPECT_EQ(os.Files(), (Files{{"/d/fresh", ""}, {"/d/old", "old"}}));
}

TEST(FaultOs, RenameAndRemoveLastOnlyWithTheFolder) {
  FaultOs os;
  os.Put("/d/a", "a");
  os.Put("/d/b", "b");
  auto lost = os.Clone();
  ASSERT_OK(lost->Rename("/d/a", "/d/b"));
  lost->Restart(Survival::kNothingUnsynced);
  EXPECT_EQ(lost->Files(), (Files{{"/d/a", "a"}, {"/d/b", "b"}}));
  ASSERT_OK(os.Rename("/d/a", "/d/b"));
  ASSERT_OK(os.SyncFolder("/d"));
  ASSERT_OK(os.Remove("/d/b"));
  os.Restart(Survival::kNothingUnsynced);
  EXPECT_EQ(os.Files(), (Files{{"/d/b", "a"}}));
}

TEST(FaultOs, RemoveTreeIsOneRemovalAFileAndFolderFromBelow) {
  FaultOs base;
  base.Put("/d/tree/a/f", "1");
  base.Put("/d/tree.txt", "2");
  base.ResetCounters();
  FaultOs& os = base;
  ASSERT_OK(os.RemoveTree("/d/tree"));
  EXPECT_EQ(os.operations(), 3u);
  EXPECT_EQ(os.Log()[0].path, "/d/tree/a/f");
  EXPECT_EQ(os.Log()[2].path, "/d/tree");
  EXPECT_EQ(os.List("/d").value(), std::vector<std::string>{"tree.txt"});
  EXPECT_ERROR(os.RemoveTree("/d/tree"), Code::kNotFound, "remove");
  os.Restart(Survival::kNothingUnsynced);
  EXPECT_EQ(os.Files().count("/d/tree/a/f"), 1u) << "no folder was synced";
}

TEST(FaultOs, MadeFoldersAreDurableAndBringTheirContents) {
  FaultOs os;
  ASSERT_OK(os.MakeFolder("/x/y/z"));
  ASSERT_OK(Install(os, "/x/y/z/f", "1"));
  os.Restart(Survival::kNothingUnsynced);
  EXPECT_EQ(os.Files(), (Files{{"/x/y/z/f", "1"}}));
}

TEST(FaultOs, LostFolderTakesItsContents) {
  FaultOs os;
  os.Put("/top/f", "1");
  auto twin = os.Clone();
  // Cut between making the folder and syncing its parent.
  twin->CutPower(1, Cut::kBefore);
  EXPECT_FALSE(twin->MakeFolder("/top/sub").ok());
  twin->Restart(Survival::kNothingUnsynced);
  EXPECT_ERROR(twin->Status("/top/sub"), Code::kNotFound, "");
}

TEST(FaultOs, RandomSubsetsReachEveryOutcomeAndRepeat) {
  FaultOs os;
  os.Put("/d/a", "a");
  os.Put("/d/b", "b");
  ASSERT_OK(os.Remove("/d/a"));
  ASSERT_OK(Scribble(os, "/d/b", "B"));
  std::set<Files> outcomes;
  const auto outcome = [&](uint64_t seed) {
    auto twin = os.Clone();
    twin->Restart(Survival::kRandomSubset, seed);
    return twin->Files();
  };
  for (uint64_t seed = 0; seed < 64; ++seed) outcomes.insert(outcome(seed));
  EXPECT_EQ(outcomes, (std::set<Files>{{{"/d/a", "a"}, {"/d/b", "b"}},
                                       {{"/d/a", "a"}, {"/d/b", "B"}},
                                       {{"/d/b", "b"}},
                                       {{"/d/b", "B"}}}));
  EXPECT_EQ(outcome(7), outcome(7));
}

TEST(FaultOs, RandomSubsetsTearSectors) {
  FaultOs os;
  os.Put("/d/f", std::string(4 * kSector, '.'));
  ASSERT_OK(Scribble(os, "/d/f", std::string(4 * kSector, '#')));
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    auto twin = os.Clone();
    twin->Restart(Survival::kRandomSubset, seed);
    std::string shape;
    for (size_t s = 0; s < 4; ++s) shape += twin->Files()["/d/f"][s * kSector];
    outcomes.insert(shape);
  }
  EXPECT_EQ(outcomes.size(), 16u);
}

TEST(FaultOs, EverythingSurvivesTheDeathOfTheProcessAlone) {
  FaultOs os;
  WithFolder(os);
  ASSERT_OK(Scribble(os, "/d/fresh", "x"));
  os.Restart(Survival::kEverything);
  EXPECT_EQ(os.Files(), (Files{{"/d/fresh", "x"}, {"/d/old", "old"}}));
  os.Restart(Survival::kNothingUnsynced);
  EXPECT_EQ(os.Files(), (Files{{"/d/fresh", "x"}, {"/d/old", "old"}}));
}

TEST(FaultOs, ACommitIsMakeWriteSyncRenameSyncFolder) {
  FaultOs os;
  WithFolder(os);
  ASSERT_OK(Install(os, "/d/f", "hello"));
  using Kind = Operation::Kind;
  std::vector<Kind> kinds;
  for (const Operation& operation : os.Log()) kinds.push_back(operation.kind);
  EXPECT_EQ(kinds, (std::vector<Kind>{Kind::kMake, Kind::kWrite, Kind::kSync, Kind::kRename,
                                      Kind::kSyncFolder}));
}

TEST(FaultOs, CutBeforeAndAfterDifferByOneOperation) {
  FaultOs base;
  WithFolder(base);
  const auto after_cut = [&](uint64_t n, Cut cut) {
    auto os = base.Clone();
    os->CutPower(n, cut);
    EXPECT_ERROR(Install(*os, "/d/f", "hello"), Code::kIo, "the power is off");
    EXPECT_FALSE(os->powered());
    EXPECT_ERROR(os->Status("/d/old"), Code::kIo, "the power is off");
    os->Restart(Survival::kEverything);
    return os->Files();
  };
  for (uint64_t n = 0; n + 1 < 5; ++n)
    EXPECT_EQ(after_cut(n, Cut::kAfter), after_cut(n + 1, Cut::kBefore));
  EXPECT_EQ(after_cut(0, Cut::kBefore), (Files{{"/d/old", "old"}}));
  EXPECT_EQ(after_cut(3, Cut::kAfter), (Files{{"/d/f", "hello"}, {"/d/old", "old"}}));
}

TEST(FaultOs, TornWriteKeepsItsFirstSectors) {
  FaultOs os;
  os.Put("/d/f", std::string(3 * kSector, '.'));
  os.ResetCounters();
  os.CutPower(0, Cut::kTorn, 1);
  ASSERT_OK_AND_ASSIGN(const auto file, os.OpenForUpdate("/d/f"));
  EXPECT_FALSE(file->WriteAt(100, AsBytes(std::string(2 * kSector, '#'))).ok());
  os.Restart(Survival::kEverything);
  const std::string text = os.Files()["/d/f"];
  EXPECT_EQ(text, std::string(100, '.') + std::string(kSector - 100, '#') +
                      std::string(2 * kSector, '.'));
  EXPECT_ERROR(file->Sync(), Code::kIo, "the power is off");  // a handle from before
}

TEST(FaultOs, FailedOperationLeavesTheRestWorking) {
  FaultOs base;
  WithFolder(base);
  for (uint64_t n = 0; n < 5; ++n) {
    auto os = base.Clone();
    os->FailOperation(n, Code::kNoSpace);
    EXPECT_ERROR(Install(*os, "/d/f", "hello"), Code::kNoSpace, "was made to fail");
    for (const auto& [path, text] : os->Files())
      EXPECT_FALSE(path.ends_with(kTemporarySuffix)) << n;
    EXPECT_OK(Install(*os, "/d/f", "hello"));
  }
}

TEST(FaultOs, FailFromGoesOnFailingButRemoves) {
  FaultOs os;
  WithFolder(os);
  os.FailFrom(2, Code::kNoSpace);
  EXPECT_ERROR(Install(os, "/d/f", "hello"), Code::kNoSpace, "");
  EXPECT_ERROR(Install(os, "/d/f", "hello"), Code::kNoSpace, "");
  EXPECT_EQ(os.Files(), (Files{{"/d/old", "old"}}));
}

TEST(FaultOs, NthReadFails) {
  FaultOs os;
  WithFolder(os);
  os.FailRead(1);
  ASSERT_OK_AND_ASSIGN(const auto file, os.Open("/d/old"));
  std::array<std::byte, 3> out;
  EXPECT_ERROR(file->ReadAt(0, out), Code::kIo, "read 1 was made to fail");
  EXPECT_OK(file->ReadAt(0, out));
  EXPECT_EQ(os.reads(), 3u);
}

TEST(FaultOs, CapacityIsADiskThatFills) {
  FaultOs os;
  WithFolder(os);
  os.SetCapacity(10);
  EXPECT_EQ(os.FreeDiskBytes("/d").value(), 7u);
  EXPECT_OK(Install(os, "/d/f", "1234567"));
  EXPECT_ERROR(Install(os, "/d/g", "1"), Code::kNoSpace, "no space");
  ASSERT_OK(os.Remove("/d/f"));
  EXPECT_OK(Install(os, "/d/g", "1"));
}

TEST(FaultOs, LocksExcludeAndEndWithTheRestart) {
  FaultOs os;
  WithFolder(os);
  ASSERT_OK_AND_ASSIGN(auto lock, os.Lock("/d/lock", true));
  EXPECT_ERROR(os.Lock("/d/lock", false), Code::kExists, "");
  os.Restart(Survival::kEverything);
  ASSERT_OK_AND_ASSIGN(const auto mine, os.Lock("/d/lock", true));
  lock.reset();  // of the old process: takes nothing from the new one
  EXPECT_ERROR(os.Lock("/d/lock", true), Code::kExists, "");
}

TEST(FaultOs, PendingFileIsLockedUntilItEnds) {
  FaultOs os;
  WithFolder(os);
  ASSERT_OK_AND_ASSIGN(auto pending, os.Create("/d/f"));
  std::string temporary;
  for (const auto& [path, text] : os.Files()) {
    if (path.ends_with(kTemporarySuffix)) temporary = path;
  }
  EXPECT_ERROR(os.Lock(temporary, true), Code::kExists, "");
  pending.reset();
  EXPECT_EQ(os.Files(), (Files{{"/d/old", "old"}}));
}

TEST(FaultOs, CloneIsIndependent) {
  FaultOs os;
  WithFolder(os);
  auto twin = os.Clone();
  ASSERT_OK(Scribble(*twin, "/d/old", "new"));
  EXPECT_EQ(os.Files(), (Files{{"/d/old", "old"}}));
  EXPECT_EQ(os.operations(), 0u);
  EXPECT_EQ(twin->operations(), 1u);
}

TEST(FaultOs, ClockMovesOnlyWhenTold) {
  FaultOs os;
  const auto before = os.WallNow();
  EXPECT_EQ(os.WallNow(), before);
  os.Sleep(std::chrono::seconds(3));
  EXPECT_EQ(os.WallNow() - before, std::chrono::seconds(3));
}

}  // namespace
}  // namespace ledge::fault
