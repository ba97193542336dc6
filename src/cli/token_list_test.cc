#include "cli/token_list.h"

#include <gmock/gmock.h>

namespace ledge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ParseTokens, ReadsJsonArraysAndBareLists) {
  EXPECT_THAT(*ParseTokens("[1,2,3]", "x"), ElementsAre(1, 2, 3));
  EXPECT_THAT(*ParseTokens(" [ 1 , 22,\n3 ] \n", "x"), ElementsAre(1, 22, 3));
  EXPECT_THAT(*ParseTokens("7,8", "x"), ElementsAre(7, 8));
  EXPECT_THAT(*ParseTokens("[]", "x"), ElementsAre());
  EXPECT_THAT(*ParseTokens("", "x"), ElementsAre());
}

TEST(ParseTokens, NamesTheItemThatIsNone) {
  for (const char* text :
       {"[1,a]", "[1,-2]", "[1,99999999999]", "1,,2", "[1,2", "[1 2]", "[1,]", "{}"}) {
    const auto tokens = ParseTokens(text, "standard input");
    ASSERT_FALSE(tokens.ok()) << text;
    EXPECT_EQ(tokens.error().code, Code::kUsage);
    EXPECT_THAT(tokens.error().message, HasSubstr("standard input"));
  }
}

}  // namespace
}  // namespace ledge
