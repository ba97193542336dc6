#include "model/architecture.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

TEST(Architectures, TellEncodersByName) {
  EXPECT_TRUE(IsEncoder("bert"));
  EXPECT_TRUE(IsEncoder("nomic-bert"));
  EXPECT_FALSE(IsEncoder("llama"));
  EXPECT_FALSE(IsEncoder("unknown"));
}

}  // namespace
}  // namespace ledge
