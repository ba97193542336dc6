#include "tokenizer/charsmap.h"

#include <gtest/gtest.h>

#include "testing/charsmaps.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

std::span<const std::byte> Bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(Charsmap, ReplacesTheLongestBeginning) {
  const std::string bytes = testing::CapitalACharsmap();
  ASSERT_OK_AND_ASSIGN(const Charsmap map, Charsmap::Open(Bytes(bytes)));
  EXPECT_EQ(map.Find("Ab").bytes, 1U);
  EXPECT_EQ(map.Find("Ab").replacement, "a");
  EXPECT_EQ(map.Find("bA").bytes, 0U);
  EXPECT_EQ(map.Find("").bytes, 0U);
  EXPECT_EQ(map.Find(std::string_view("\0A", 2)).bytes, 0U);
}

TEST(Charsmap, AnEmptyOneReplacesNothing) {
  ASSERT_OK_AND_ASSIGN(const Charsmap map, Charsmap::Open({}));
  EXPECT_EQ(map.Find("A").bytes, 0U);
}

TEST(Charsmap, RefusesLengthsThatDoNotFit) {
  const std::string good = testing::CapitalACharsmap();
  const auto with_length = [&](uint32_t length) {
    std::string bytes = good;
    std::memcpy(bytes.data(), &length, sizeof(length));
    return bytes;
  };
  EXPECT_ERROR(Charsmap::Open(Bytes("abc")), Code::kMalformed, "has 3 bytes");
  EXPECT_ERROR(Charsmap::Open(Bytes(with_length(0))), Code::kMalformed, "0 bytes of units");
  EXPECT_ERROR(Charsmap::Open(Bytes(with_length(7))), Code::kMalformed, "a multiple of 4");
  EXPECT_ERROR(Charsmap::Open(Bytes(with_length(1 << 20))), Code::kMalformed, "units follow");
  EXPECT_ERROR(Charsmap::Open(Bytes(with_length(UINT32_MAX))), Code::kMalformed, "units follow");
  EXPECT_ERROR(Charsmap::Open(Bytes(good.substr(0, good.size() - 1))), Code::kMalformed,
               "ends inside a replacement");
  EXPECT_ERROR(Charsmap::Open(Bytes(std::string(kMaxCharsmapBytes + 1, '\0'))), Code::kMalformed,
               "it should have");
}

TEST(Charsmap, StaysInsideWhateverItsUnitsSay) {
  std::string bytes = testing::CapitalACharsmap();
  uint32_t state = 7;
  for (int round = 0; round < 2000; ++round) {
    for (int change = 0; change < 8; ++change) {
      state = state * 1664525 + 1013904223;
      bytes[4 + (state >> 8) % (bytes.size() - 5)] = static_cast<char>(state >> 24);
    }
    const auto map = Charsmap::Open(Bytes(bytes));
    ASSERT_OK(map);
    for (int c = 0; c < 256; ++c) {
      const std::string text(40, static_cast<char>(c));
      const Charsmap::Match match = map->Find(text);
      ASSERT_LE(match.bytes, text.size());
      ASSERT_LT(match.replacement.size(), bytes.size());
    }
  }
}

}  // namespace
}  // namespace ledge
