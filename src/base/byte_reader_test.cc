#include "base/byte_reader.h"

#include <gtest/gtest.h>

#include <array>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

template <size_t N>
std::array<std::byte, N> Bytes(const unsigned char (&values)[N]) {
  std::array<std::byte, N> bytes;
  for (size_t i = 0; i < N; ++i) bytes[i] = std::byte{values[i]};
  return bytes;
}

TEST(ByteReader, ReadsLittleEndianNumbersInTurn) {
  const auto bytes = Bytes({0x01, 0x02, 0x03, 0x04, 0xFF, 0x00, 0x00, 0x80, 0x3F});
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Read<uint32_t>("a").value(), 0x04030201u);
  EXPECT_EQ(reader.Read<int8_t>("b").value(), -1);
  EXPECT_EQ(reader.Read<float>("c").value(), 1.0f);
  EXPECT_EQ(reader.remaining(), 0u);
  EXPECT_EQ(reader.position(), 9u);
}

TEST(ByteReader, ShortReadNamesTheFieldAndMovesNothing) {
  const auto bytes = Bytes({1, 2, 3});
  ByteReader reader(bytes);
  ASSERT_OK(reader.Skip(1, "pad"));
  EXPECT_ERROR(reader.Read<uint32_t>("n_dims"), Code::kMalformed,
               "n_dims at offset 1 needs 4 bytes but only 2 are left");
  EXPECT_EQ(reader.position(), 1u);
  EXPECT_EQ(reader.Read<uint16_t>("x").value(), 0x0302u);
}

TEST(ByteReader, HugeLengthsDoNotWrap) {
  const auto bytes = Bytes({1, 2, 3});
  ByteReader reader(bytes);
  ASSERT_OK(reader.Skip(2, "pad"));
  for (const uint64_t length : {UINT64_MAX, UINT64_MAX - 1, uint64_t{1} << 63, uint64_t{2}}) {
    EXPECT_ERROR(reader.ReadBytes(length, "key"), Code::kMalformed, "key at offset 2");
    EXPECT_ERROR(reader.ReadChars(length, "key"), Code::kMalformed, "only 1 are left");
    EXPECT_ERROR(reader.Skip(length, "key"), Code::kMalformed, "only 1 are left");
  }
  EXPECT_EQ(reader.position(), 2u);
}

TEST(ByteReader, ViewsPointIntoTheInput) {
  const auto bytes = Bytes({'a', 'b', 'c'});
  ByteReader reader(bytes);
  const auto view = reader.ReadBytes(2, "v");
  ASSERT_OK(view);
  EXPECT_EQ(view->data(), bytes.data());
  EXPECT_EQ(reader.ReadChars(1, "c").value(), "c");
  EXPECT_EQ(reader.ReadChars(0, "nothing").value(), "");
}

TEST(ByteReader, NothingCanBeReadFromNothing) {
  ByteReader reader({});
  EXPECT_ERROR(reader.Read<uint8_t>("magic"), Code::kMalformed, "only 0 are left");
  EXPECT_OK(reader.Skip(0, "nothing"));
}

}  // namespace
}  // namespace ledge
