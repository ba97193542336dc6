#include "store/machine_width.h"

#include <filesystem>
#include <fstream>

#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using namespace std::string_literals;

using ::testing::Optional;

const WidthKey kKey{"Some CPU", "avx2", 2, "Q4_0"};

class MachineWidthsTest : public ::testing::Test {
 protected:
  void Write(const std::string& text) {
    std::filesystem::create_directories(folder_ / "machine");
    std::ofstream(folder_ / "machine/widths.json") << text;
  }
  testing::TempDir folder_;
  MachineWidths widths_{PosixOs(), folder_ / ""};
};

TEST_F(MachineWidthsTest, RemembersByAllThatItDependsOn) {
  EXPECT_EQ(widths_.Find(kKey), std::nullopt);
  ASSERT_OK(widths_.Remember(kKey, 6));
  WidthKey other = kKey;
  other.threads = 1;
  EXPECT_EQ(widths_.Find(other), std::nullopt);
  ASSERT_OK(widths_.Remember(other, 3));
  ASSERT_OK(widths_.Remember(kKey, 7));
  EXPECT_THAT(widths_.Find(kKey), Optional(7u));
  EXPECT_THAT(widths_.Find(other), Optional(3u));
}

TEST_F(MachineWidthsTest, ForgetsTheOldest) {
  WidthKey key = kKey;
  for (key.threads = 1; key.threads <= static_cast<int>(kMaxMachineWidths) + 1; ++key.threads)
    ASSERT_OK(widths_.Remember(key, 5));
  key.threads = 1;
  EXPECT_EQ(widths_.Find(key), std::nullopt);
  key.threads = 2;
  EXPECT_THAT(widths_.Find(key), Optional(5u));
}

TEST_F(MachineWidthsTest, WhatCannotBeReadIsNotThere) {
  const auto entry = [](int threads, int width) {
    return fmt::format(
        R"({{"cpu":"Some CPU","instructions":"avx2","threads":{},"type":"Q4_0","width":{}}})",
        threads, width);
  };
  const auto list = [](const std::string& entries) { return "{\"widths\":[" + entries + "]}"; };
  Write(list("7,{}," + entry(2, 9)));
  EXPECT_THAT(widths_.Find(kKey), Optional(9u));
  for (const std::string& bad :
       {"{\"widths\":"s, "[]"s, "{\"widths\":{}}"s, list(entry(2, 0)), list(entry(2, 513)),
        list(entry(-2, 5)), std::string(100000, '[')}) {
    Write(bad);
    EXPECT_EQ(widths_.Find(kKey), std::nullopt) << bad.substr(0, 100);
    EXPECT_OK(widths_.Remember(kKey, 4));
    EXPECT_THAT(widths_.Find(kKey), Optional(4u));
  }
}

}  // namespace
}  // namespace ledge
