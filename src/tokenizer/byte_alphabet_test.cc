#include "tokenizer/byte_alphabet.h"

#include <gtest/gtest.h>

#include <set>

namespace ledge {
namespace {

TEST(ByteAlphabet, SpellsBytesAsGpt2Does) {
  EXPECT_EQ(RuneOfByte('A'), U'A');
  EXPECT_EQ(RuneOfByte(' '), U'\u0120');
  EXPECT_EQ(RuneOfByte('\n'), U'\u010A');
  EXPECT_EQ(RuneOfByte(0), U'\u0100');
  EXPECT_EQ(RuneOfByte(0x7F), U'\u0121');
  EXPECT_EQ(RuneOfByte(0xA0), U'\u0142');
  EXPECT_EQ(RuneOfByte(0xAD), U'\u0143');
  EXPECT_EQ(RuneOfByte(0xFF), U'\u00FF');
}

TEST(ByteAlphabet, GivesEveryByteBack) {
  std::string all;
  std::set<char32_t> runes;
  for (int byte = 0; byte < 256; ++byte) {
    all.push_back(static_cast<char>(byte));
    runes.insert(RuneOfByte(static_cast<uint8_t>(byte)));
  }
  std::string spelled;
  AppendByteText(spelled, all);
  EXPECT_EQ(DecodeByteText(spelled), all);
  EXPECT_EQ(runes.size(), 256U);
}

TEST(ByteAlphabet, LeavesOtherCharactersAsTheyAre) {
  EXPECT_EQ(DecodeByteText("\u65e5\u0120x\xFF"), "\u65e5 x\xFF");
}

}  // namespace
}  // namespace ledge
