#include "gguf/foreign_types.h"

#include <gtest/gtest.h>

#include "gguf/tensor_type.h"

namespace ledge {
namespace {

TEST(ForeignTypes, HaveNamesAndAreNoneOfOurs) {
  EXPECT_EQ(ForeignTypeName(40), "NVFP4");
  EXPECT_EQ(ForeignTypeName(31), "Q4_0_4_4");
  EXPECT_EQ(ForeignTypeName(43), "");
  for (uint32_t number = 0; number < 50; ++number) {
    const bool foreign = !ForeignTypeName(number).empty();
    EXPECT_FALSE(foreign && FindType(number) != nullptr) << number;
  }
}

}  // namespace
}  // namespace ledge
