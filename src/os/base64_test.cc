#include "os/base64.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

// RFC 4648's own examples.
TEST(Base64, Decodes) {
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zm8="), "fo");
  EXPECT_EQ(DecodeBase64("Zm9v"), "foo");
  EXPECT_EQ(DecodeBase64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(DecodeBase64("/+8A"), std::string("\xFF\xEF\0", 3));
}

TEST(Base64, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"Z", "Zg", "Zg=", "====", "=Zg=", "Zg==Zg==", " Zm9v", "Zm9v\n", "Zm 9v", "Zm9-", "Zm9_"}) {
    EXPECT_FALSE(DecodeBase64(text)) << text;
  }
}

}  // namespace
}  // namespace ledge
