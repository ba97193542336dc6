#include <gtest/gtest.h>

#include "store/import.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using fault::Cut;
using fault::FaultOs;
using fault::Survival;
using testing::kSourcePath;

constexpr char kHome[] = "/home/ledge";
const ModelName kA = {"", "a", "latest"};
const ModelName kB = {"", "b", "latest"};

// A store as an older build left it: two names for one model, packed in an older layout. The source
// is not there any more.
class RepackTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  RepackTest() : source_(testing::LlamaSource().Build()) {
    os_.Put(kSourcePath, testing::AsText(source_));
    os_.Advance(std::chrono::hours(1));
    for (const ModelName& name : {kA, kB}) Import(name);
    os_.Put(OldPath(), testing::AsText(testing::AsOlderLayout(packed_, GetParam())));
    EXPECT_OK(os_.Remove(NewPath()));
    EXPECT_OK(os_.Remove(kSourcePath));
    os_.Advance(std::chrono::hours(1));
    os_.ResetCounters();
  }

  void Import(const ModelName& name) {
    auto manifest = ImportModel(os_, Open(os_),
                                {.name = name, .source_path = kSourcePath, .licence = "mit"}, {});
    ASSERT_OK(manifest);
    const std::string packed = os_.Files()[NewPath()];
    const auto bytes = std::as_bytes(std::span(packed));
    packed_.assign(bytes.begin(), bytes.end());
    manifest->layout_version = GetParam();
    os_.Put(std::string(kHome) + "/names/" + name.ManifestFile(), ManifestToJson(*manifest));
  }
  std::string OldPath() const { return Path(GetParam()); }
  std::string NewPath() const { return Path(kPackLayoutVersion); }
  std::string Path(uint32_t layout) const {
    return std::string(kHome) + "/models/" + PackedFileName(Sha256Of(source_), layout);
  }
  static Store Open(Os& os) { return Store::Open(os, kHome).value(); }
  static Result<Manifest> Repack(Os& os, const ModelName& name, const Progress& progress = {}) {
    LEDGE_TRY(const Manifest manifest, Open(os).Find(name));
    return RepackStored(os, Open(os), manifest, progress, {});
  }
  // Whatever happened: the name stands for a whole model, from which the source comes out.
  void ExpectWhole(Os& os, const ModelName& name) {
    ASSERT_OK(VerifyStored(os, Open(os), name, {}));
    ASSERT_OK(ExportStored(os, Open(os), name, "/out.gguf", {}));
    ASSERT_OK_AND_ASSIGN(const auto out, os.Map("/out.gguf"));
    EXPECT_EQ(testing::AsText(out->bytes()), testing::AsText(source_));
  }

  FaultOs os_;
  std::vector<std::byte> source_;
  std::vector<std::byte> packed_;
};

TEST_P(RepackTest, AnOldPackedFileIsShownVerifiedAndExportedAsItIs) {
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, Open(os_).Find(kA));
  EXPECT_ERROR(OpenStored(os_, Open(os_), manifest), Code::kUnsupported,
               fmt::format("layout version {}", GetParam()));
  EXPECT_OK(OpenStored(os_, Open(os_), manifest, PackLayouts::kAnyKnown));
  ExpectWhole(os_, kA);
  EXPECT_EQ(os_.Files().count(NewPath()), 0u);
}

TEST_P(RepackTest, IsPackedAgainBesideAndGoesWithItsLastName) {
  ASSERT_OK_AND_ASSIGN(const Manifest before, Open(os_).Find(kA));
  ASSERT_OK_AND_ASSIGN(const Manifest after, Repack(os_, kA));
  Manifest expected = before;
  expected.layout_version = kPackLayoutVersion;
  EXPECT_EQ(ManifestToJson(after), ManifestToJson(expected)) << "all else is as it was";
  EXPECT_EQ(os_.Files()[NewPath()], testing::AsText(packed_));
  EXPECT_EQ(os_.Files().count(OldPath()), 1u) << "b needs it";
  ExpectWhole(os_, kA);
  ExpectWhole(os_, kB);

  int reads = 0;
  const Progress count = [&](uint64_t done, uint64_t) {
    reads += done > 0 ? 1 : 0;
    return true;
  };
  ASSERT_OK(Repack(os_, kB, count));
  EXPECT_EQ(reads, 0) << "shared, not packed once more";
  EXPECT_EQ(os_.Files().count(OldPath()), 0u);
  ExpectWhole(os_, kB);
}

TEST_P(RepackTest, ADamagedOneStaysWhereItIs) {
  std::string bad = os_.Files()[OldPath()];
  bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 1);
  os_.Put(OldPath(), bad);
  EXPECT_ERROR(Repack(os_, kA), Code::kVerification, "damaged");
  EXPECT_EQ(os_.Files()[OldPath()], bad);
  EXPECT_EQ(Open(os_).Find(kA)->layout_version, GetParam());
}

TEST_P(RepackTest, ANameThatIsRemovedMeanwhileDoesNotComeBack) {
  ASSERT_OK(Open(os_).Remove(kB));
  const Progress remove = [&](uint64_t done, uint64_t) {
    if (done > 0) (void)Open(os_).Remove(kA);
    return true;
  };
  EXPECT_ERROR(Repack(os_, kA, remove), Code::kNotFound, "'a'");
  EXPECT_TRUE(Open(os_).List()->models.empty());
  EXPECT_EQ(Open(os_).BytesUsed().value(), 0u);
}

TEST_P(RepackTest, NothingIsLostWhateverFails) {
  const auto counting = os_.Clone();
  ASSERT_OK(Repack(*counting, kA));
  const uint64_t total = counting->operations();
  ASSERT_GT(total, 10u);
  for (uint64_t n = 0; n < total; ++n) {
    SCOPED_TRACE(n);
    const auto failing = os_.Clone();
    failing->FailOperation(n, Code::kNoSpace);
    (void)Repack(*failing, kA);
    ExpectWhole(*failing, kA);
    for (const Survival survival : {Survival::kNothingUnsynced, Survival::kRandomSubset}) {
      const auto cut = os_.Clone();
      cut->CutPower(n, Cut::kAfter);
      (void)Repack(*cut, kA);
      cut->Restart(survival, n);
      ExpectWhole(*cut, kA);
      ExpectWhole(*cut, kB);
      EXPECT_OK(Open(*cut).Gc(false));
      ExpectWhole(*cut, kA);
      ExpectWhole(*cut, kB);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RepackTest,
                         ::testing::Range(kOldestPackLayoutVersion, kPackLayoutVersion),
                         [](const auto& test) { return fmt::format("Version{}", test.param); });

}  // namespace
}  // namespace ledge
