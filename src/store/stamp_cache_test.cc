#include "store/stamp_cache.h"

#include <gtest/gtest.h>

#include "os/fault/fault_os.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using namespace std::chrono_literals;

const FileStamp kStamp = {1, 2, 3, 4, 5};

TEST(StampCache, FindsWhatItRemembered) {
  fault::FaultOs os;
  const StampCache cache(os, "/stamps");
  EXPECT_FALSE(cache.Find(kStamp));
  EXPECT_TRUE(cache.Entries().empty());
  EXPECT_EQ(os.operations(), 0u);
  ASSERT_OK(cache.Remember(kStamp, Sha256Of("x")));
  EXPECT_EQ(cache.Find(kStamp), Sha256Of("x"));
}

TEST(StampCache, AnyDifferenceIsAMiss) {
  fault::FaultOs os;
  const StampCache cache(os, "/stamps");
  ASSERT_OK(cache.Remember(kStamp, Sha256Of("x")));
  for (int field = 0; field < 5; ++field) {
    FileStamp other = kStamp;
    if (field == 0) ++other.device;
    if (field == 1) ++other.inode;
    if (field == 2) ++other.size;
    if (field == 3) ++other.modified_ns;
    if (field == 4) ++other.changed_ns;
    EXPECT_FALSE(cache.Find(other)) << field;
  }
}

TEST(StampCache, LaterStampOfTheSameFileReplaces) {
  fault::FaultOs os;
  const StampCache cache(os, "/stamps");
  ASSERT_OK(cache.Remember(kStamp, Sha256Of("x")));
  FileStamp later = kStamp;
  later.changed_ns = 99;
  ASSERT_OK(cache.Remember(later, Sha256Of("y")));
  EXPECT_FALSE(cache.Find(kStamp));
  EXPECT_EQ(cache.Find(later), Sha256Of("y"));
  EXPECT_EQ(cache.Entries().size(), 1u);
}

TEST(StampCache, RememberingTheSameWritesNothing) {
  fault::FaultOs os;
  const StampCache cache(os, "/stamps");
  ASSERT_OK(cache.Remember(kStamp, Sha256Of("x")));
  const uint64_t before = os.operations();
  ASSERT_OK(cache.Remember(kStamp, Sha256Of("x")));
  EXPECT_EQ(os.operations(), before);
}

TEST(StampCache, GarbageIsAMiss) {
  fault::FaultOs os;
  const StampCache cache(os, "/stamps");
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"),
        std::string("{\"stamp\":1,\"sha256\":2}"), std::string("{\"sha256\":\"x\"}"),
        std::string(100'000, ' '), std::string(512, '\0')}) {
    os.Put("/stamps/1-2.json", text);
    EXPECT_FALSE(cache.Find(kStamp));
    ASSERT_EQ(cache.Entries().size(), 1u);
    EXPECT_FALSE(cache.Entries()[0].digest);
  }
}

FileStamp ChangedAt(std::chrono::nanoseconds time) {
  FileStamp stamp = kStamp;
  stamp.changed_ns = time.count();
  return stamp;
}

TEST(IsSettled, NeedsATickBetweenChangeAndReading) {
  const auto began = std::chrono::system_clock::time_point(1000s);
  EXPECT_TRUE(IsSettled(ChangedAt(999s + 1ns), began));
  EXPECT_TRUE(IsSettled(ChangedAt(1000s - 51ms), began));
  EXPECT_FALSE(IsSettled(ChangedAt(1000s - 49ms), began));
  EXPECT_FALSE(IsSettled(ChangedAt(1000s + 1ns), began));
  EXPECT_FALSE(IsSettled(ChangedAt(2000s), began));  // a clock that was set back
}

TEST(IsSettled, CoarseClocksNeedTwoSeconds) {
  const auto began = std::chrono::system_clock::time_point(1000s);
  EXPECT_FALSE(IsSettled(ChangedAt(999s), began));
  EXPECT_TRUE(IsSettled(ChangedAt(997s), began));
}

}  // namespace
}  // namespace ledge
