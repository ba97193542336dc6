#include "gguf/split_name.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

TEST(SplitName, NamesEveryPartFromAnyOther) {
  const auto name = ParseSplitName("/models/a-b-00002-of-00012.gguf");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->prefix, "/models/a-b");
  EXPECT_EQ(name->part, 1U);
  EXPECT_EQ(name->count, 12U);
  EXPECT_EQ(name->Path(0), "/models/a-b-00001-of-00012.gguf");
  EXPECT_EQ(name->Path(11), "/models/a-b-00012-of-00012.gguf");
}

TEST(SplitName, OtherNamesAreNoParts) {
  for (const char* path :
       {"", "a.gguf", "-00001-of-00002.gguf", "a-00000-of-00002.gguf", "a-00003-of-00002.gguf",
        "a-00001-of-01001.gguf", "a-0001-of-0002.gguf", "a-00001-of-00002.bin",
        "a-0000x-of-00002.gguf", "a-00001_of-00002.gguf", "a_00001-of-00002.gguf"}) {
    EXPECT_FALSE(ParseSplitName(path)) << path;
  }
}

}  // namespace
}  // namespace ledge
