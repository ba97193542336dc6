// Power cuts and failures at every single mutating operation of the store's changes.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <set>

#include "os/fault/fault_os.h"
#include "store/store.h"
#include "testing/fake_pack.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using fault::Cut;
using fault::FaultOs;
using fault::Survival;
using testing::FakePack;
using testing::FakePackedText;

constexpr char kHome[] = "/var/ledge";
constexpr uint64_t kSeeds = 12;  // random subsets of what was not synced, a cut
const ModelName kA = {"", "a", "latest"};
const ModelName kB = {"org", "b", "q4"};

// What the names stand for: the source's digest of each.
using Names = std::map<ModelName, Digest>;
using Work = std::function<Result<void>(FaultOs&)>;

Result<void> Import(FaultOs& os, const ModelName& name, const std::string& source, Origin origin,
                    StoreOptions options = {}) {
  LEDGE_TRY(const Store store, Store::Open(os, kHome, options));
  PutRequest request;
  request.name = name;
  request.source_path = "/src/" + source;
  request.origin = origin;
  LEDGE_CHECK_OK(store.Put(request, FakePack(source)));
  return {};
}

struct Scenario {
  std::string name;
  std::function<void(FaultOs&)> prepare;
  Work work;
};
void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

// Whole, or the test fails: every name's packed file is there with the contents it must have.
Names WholeNames(FaultOs& os) {
  Names names;
  const auto store = Store::Open(os, kHome);
  EXPECT_OK(store);
  const auto listing = store->List();
  EXPECT_OK(listing);
  EXPECT_TRUE(listing->damaged.empty()) << listing->damaged[0].second.message;
  const auto files = os.Files();
  for (const Manifest& model : listing->models) {
    names[model.name] = model.source_sha256;
    const auto file = files.find(store->PackedPath(model));
    EXPECT_TRUE(file != files.end()) << model.name.ToString() << " names a file that is not there";
    if (file == files.end()) continue;
    for (const char* source : {"one", "two", "three"}) {
      if (Sha256Of(source) == model.source_sha256) {
        EXPECT_EQ(file->second, FakePackedText(source));
      }
    }
  }
  return names;
}

// After a collection: the packed files that are named, and no temporary or lock file.
void ExpectClean(FaultOs& os) {
  const auto store = Store::Open(os, kHome);
  ASSERT_OK(store);
  ASSERT_OK_AND_ASSIGN(const Listing listing, store->List());
  std::set<std::string> expected;
  for (const Manifest& model : listing.models) expected.insert(store->PackedPath(model));
  std::set<std::string> found;
  for (const auto& [path, text] : os.Files()) {
    EXPECT_FALSE(path.ends_with(kTemporarySuffix)) << path;
    if (path.ends_with(".lock")) {
      EXPECT_EQ(path, std::string(kHome) + "/run/store.lock");
    }
    if (path.starts_with(std::string(kHome) + "/models/")) found.insert(path);
  }
  EXPECT_EQ(found, expected);
}

std::vector<Scenario> Scenarios() {
  const auto sources = [](FaultOs& os) {
    for (const char* source : {"one", "two", "three"})
      os.Put(std::string("/src/") + source, source);
    os.Put("/var/other", "");
    os.Advance(std::chrono::hours(1));
  };
  const auto with_a = [sources](FaultOs& os) {
    sources(os);
    EXPECT_OK(Import(os, kA, "one", Origin::kImport));
  };
  const auto with_both = [with_a](FaultOs& os) {
    with_a(os);
    EXPECT_OK(Import(os, kB, "one", Origin::kImport));
  };
  const auto remove_a = [](FaultOs& os) -> Result<void> {
    LEDGE_TRY(const Store store, Store::Open(os, kHome));
    return store.Remove(kA);
  };
  const uint64_t room = FakePackedText("one").size() + FakePackedText("three").size();
  return {
      {"FirstInstall", sources, [](FaultOs& os) { return Import(os, kA, "one", Origin::kImport); }},
      {"ReplaceName", with_a, [](FaultOs& os) { return Import(os, kA, "two", Origin::kImport); }},
      {"SecondName", with_a, [](FaultOs& os) { return Import(os, kB, "one", Origin::kImport); }},
      {"ReplaceOneOfTwoNames", with_both,
       [](FaultOs& os) { return Import(os, kA, "two", Origin::kImport); }},
      {"Remove", with_a, remove_a},
      {"RemoveOneOfTwoNames", with_both, remove_a},
      {"EvictForQuota",
       [sources](FaultOs& os) {
         sources(os);
         EXPECT_OK(Import(os, kA, "one", Origin::kRun));
       },
       [room](FaultOs& os) {
         return Import(os, kB, "three", Origin::kImport, {.quota_bytes = room - 1});
       }},
      {"Gc",
       [with_a](FaultOs& os) {
         with_a(os);
         os.Put(std::string(kHome) + "/models/" + PackedFileName(Sha256Of("x"), 1), "orphan");
         os.Put(std::string(kHome) + "/models/.incoming.0.ledge-tmp", "half");
         os.Put(std::string(kHome) + "/names/.a.0.ledge-tmp", "half");
         os.Put(std::string(kHome) + "/run/pack-x.lock", "");
       },
       [](FaultOs& os) -> Result<void> {
         LEDGE_TRY(const Store store, Store::Open(os, kHome));
         LEDGE_CHECK_OK(store.Gc(false));
         return {};
       }},
  };
}

class StoreCrash : public ::testing::TestWithParam<Scenario> {
 protected:
  void SetUp() override {
    GetParam().prepare(base_);
    base_.Restart(Survival::kEverything);
    before_ = WholeNames(base_);
    auto whole = base_.Clone();
    ASSERT_OK(GetParam().work(*whole));
    operations_ = whole->operations();
    log_ = whole->Log();
    after_ = WholeNames(*whole);
    ASSERT_GT(operations_, 2u);
  }

  // Each name on its own is as before or as after: an eviction and the install it was for are two
  // steps.
  void ExpectOldOrNew(const Names& names) {
    const auto value = [](const Names& in, const ModelName& name) {
      const auto at = in.find(name);
      return at == in.end() ? std::optional<Digest>() : at->second;
    };
    for (const ModelName& name : {kA, kB}) {
      const auto now = value(names, name);
      EXPECT_TRUE(now == value(before_, name) || now == value(after_, name)) << name.ToString();
    }
  }

  // One cut, one outcome of it, and what must hold then.
  void CutAndCheck(uint64_t n, Cut cut, uint64_t sectors, Survival survival, uint64_t seed) {
    ++points_;
    SCOPED_TRACE(fmt::format("operation {} of {}: {}, cut {}, sectors {}, survival {}, seed {}", n,
                             operations_, fault::Describe(log_[n]), static_cast<int>(cut), sectors,
                             static_cast<int>(survival), seed));
    auto os = base_.Clone();
    os->CutPower(n, cut, sectors);
    const auto result = GetParam().work(*os);
    ASSERT_FALSE(os->powered());
    os->Restart(survival, seed);
    ExpectOldOrNew(WholeNames(*os));
    if (result.ok()) {
      EXPECT_EQ(WholeNames(*os), after_);  // what was reported is durable
    }
    const auto store = Store::Open(*os, kHome);
    ASSERT_OK(store);
    ASSERT_OK(store->Gc(false));
    ExpectOldOrNew(WholeNames(*os));
    ExpectClean(*os);
    // And the same work, done again, succeeds or finds it done.
    const auto again = GetParam().work(*os);
    EXPECT_TRUE(again.ok() || again.error().code == Code::kNotFound) << again.error().message;
    EXPECT_EQ(WholeNames(*os), after_);
    os->Restart(Survival::kNothingUnsynced);
    EXPECT_EQ(WholeNames(*os), after_);
  }

  void CutEveryWay(uint64_t n, Cut cut, uint64_t sectors) {
    CutAndCheck(n, cut, sectors, Survival::kEverything, 0);
    CutAndCheck(n, cut, sectors, Survival::kNothingUnsynced, 0);
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
      CutAndCheck(n, cut, sectors, Survival::kRandomSubset, seed);
    }
  }

  FaultOs base_;
  Names before_;
  Names after_;
  uint64_t operations_ = 0;
  std::vector<fault::Operation> log_;
  uint64_t points_ = 0;
};

TEST_P(StoreCrash, EveryCutLeavesOldOrNew) {
  for (uint64_t n = 0; n < operations_; ++n) {
    CutEveryWay(n, Cut::kBefore, 0);
    CutEveryWay(n, Cut::kAfter, 0);
    if (log_[n].kind != fault::Operation::Kind::kWrite) continue;
    for (uint64_t sectors = 1; sectors * fault::kSector < log_[n].bytes; ++sectors) {
      CutEveryWay(n, Cut::kTorn, sectors);
    }
  }
  RecordProperty("operations", std::to_string(operations_));
  RecordProperty("crash_points", std::to_string(points_));
  std::printf("%s: %llu operations, %llu crash points\n", GetParam().name.c_str(),
              static_cast<unsigned long long>(operations_),
              static_cast<unsigned long long>(points_));
}

// A process that dies leaves unsynced work in the kernel's cache; another one builds on it; then
// the power goes. What the second reported must be durable.
TEST_P(StoreCrash, WorkOnTopOfADeadProcesssIsDurable) {
  for (uint64_t n = 0; n < operations_; ++n) {
    SCOPED_TRACE(fmt::format("operation {}: {}", n, fault::Describe(log_[n])));
    auto os = base_.Clone();
    os->CutPower(n, Cut::kAfter);
    (void)GetParam().work(*os);
    os->KillProcess();
    const auto again = GetParam().work(*os);
    EXPECT_TRUE(again.ok() || again.error().code == Code::kNotFound) << again.error().message;
    os->Restart(Survival::kNothingUnsynced);
    ExpectOldOrNew(WholeNames(*os));
    if (again.ok()) {
      EXPECT_EQ(WholeNames(*os), after_);
    }
  }
}

TEST_P(StoreCrash, EveryFailedOperationIsAnErrorAndLeavesTheStoreAsBefore) {
  for (const Code code : {Code::kNoSpace, Code::kIo}) {
    for (uint64_t n = 0; n < operations_; ++n) {
      SCOPED_TRACE(fmt::format("operation {}: {}", n, fault::Describe(log_[n])));
      auto os = base_.Clone();
      os->FailOperation(n, code);
      const auto result = GetParam().work(*os);
      const Names names = WholeNames(*os);
      ExpectOldOrNew(names);
      for (const auto& [path, text] : os->Files()) {
        // Where removing it was what failed, it is the next collection's.
        const bool left = log_[n].kind == fault::Operation::Kind::kRemove && log_[n].path == path;
        const bool was_there = base_.Files().contains(path);
        EXPECT_TRUE(left || was_there || !path.ends_with(kTemporarySuffix)) << path;
      }
      if (result.ok()) {
        EXPECT_EQ(names, after_);
      } else {
        EXPECT_EQ(result.error().code, code) << result.error().message;
      }
      os->Restart(Survival::kNothingUnsynced);
      ExpectOldOrNew(WholeNames(*os));
      if (result.ok()) {
        EXPECT_EQ(WholeNames(*os), after_);
      }
      const auto store = Store::Open(*os, kHome);
      ASSERT_OK(store);
      ASSERT_OK(store->Gc(false));
      ExpectClean(*os);
    }
  }
}

TEST_P(StoreCrash, DiskThatStaysFullLosesNothing) {
  for (uint64_t n = 0; n < operations_; ++n) {
    SCOPED_TRACE(fmt::format("from operation {}: {}", n, fault::Describe(log_[n])));
    auto os = base_.Clone();
    os->FailFrom(n, Code::kNoSpace);
    (void)GetParam().work(*os);
    ExpectOldOrNew(WholeNames(*os));
    os->Restart(Survival::kNothingUnsynced);
    ExpectOldOrNew(WholeNames(*os));
    const auto store = Store::Open(*os, kHome);
    ASSERT_OK(store);
    ASSERT_OK(store->Gc(false));
    ExpectClean(*os);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, StoreCrash, ::testing::ValuesIn(Scenarios()),
                         [](const auto& tested) { return tested.param.name; });

// The sharpest of the failures: the new name is in place, only its durability is in doubt. Then the
// old one comes back.
TEST(StoreFailure, UnsyncedNameIsTakenBack) {
  for (const Scenario& scenario : Scenarios()) {
    if (scenario.name != "FirstInstall" && scenario.name != "ReplaceName" &&
        scenario.name != "Remove") {
      continue;
    }
    FaultOs base;
    scenario.prepare(base);
    base.Restart(Survival::kEverything);
    const Names before = WholeNames(base);
    auto whole = base.Clone();
    ASSERT_OK(scenario.work(*whole));
    const auto log = whole->Log();
    for (uint64_t n = 0; n < log.size(); ++n) {
      if (log[n].kind != fault::Operation::Kind::kSyncFolder) continue;
      if (!log[n].path.ends_with("/names")) continue;
      auto os = base.Clone();
      os->FailOperation(n, Code::kIo);
      EXPECT_ERROR(scenario.work(*os), Code::kIo, "was made to fail");
      EXPECT_EQ(WholeNames(*os), before) << scenario.name;
      os->Restart(Survival::kNothingUnsynced);
      EXPECT_EQ(WholeNames(*os), before) << scenario.name;
    }
  }
}

}  // namespace
}  // namespace ledge
