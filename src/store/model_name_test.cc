#include "store/model_name.h"

#include <gtest/gtest.h>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

TEST(ModelName, PartsAreToldApart) {
  EXPECT_EQ(ParseModelName("llama").value(), (ModelName{"", "llama", "latest"}));
  EXPECT_EQ(ParseModelName("llama:latest").value(), (ModelName{"", "llama", "latest"}));
  EXPECT_EQ(ParseModelName("llama:q4_0").value(), (ModelName{"", "llama", "q4_0"}));
  EXPECT_EQ(ParseModelName("meta/llama-2.7b:v1").value(), (ModelName{"meta", "llama-2.7b", "v1"}));
}

TEST(ModelName, CapitalsAreFolded) {
  EXPECT_EQ(ParseModelName("Org/LLaMA:Q4_K_M").value(), ParseModelName("org/llama:q4_k_m").value());
}

TEST(ModelName, AnythingElseIsUsage) {
  const std::string longest(64, 'a');
  EXPECT_OK(ParseModelName(longest));
  for (const std::string& text :
       {std::string(),          std::string("-a"),    std::string(".a"),
        std::string("_a"),      std::string("a b"),   std::string("a/b/c"),
        std::string("/a"),      std::string("a/"),    std::string("a:"),
        std::string(":a"),      std::string("a:b:c"), std::string("a:b/c"),
        std::string("../a"),    std::string("a\n"),   std::string("caf\xC3\xA9"),
        std::string("a\0b", 3), longest + "a",        "a/" + longest + "a",
        "a:" + longest + "a",   std::string("a+b"),   std::string("a@b")}) {
    EXPECT_ERROR(ParseModelName(text), Code::kUsage, "is not a model's name") << text;
  }
}

TEST(ModelName, TextLeavesLatestOut) {
  EXPECT_EQ((ModelName{"", "a", "latest"}).ToString(), "a");
  EXPECT_EQ((ModelName{"o", "a", "t"}).ToString(), "o/a:t");
}

TEST(ModelName, ManifestFileComesBack) {
  for (const char* text : {"a", "a:b", "o/a", "o/a:b", "0/1:2", "a.b-c_d/e.f:g.json"}) {
    ASSERT_OK_AND_ASSIGN(const ModelName name, ParseModelName(text));
    EXPECT_EQ(ModelName::FromManifestFile(name.ManifestFile()).value(), name);
  }
  EXPECT_EQ((ModelName{"o", "a", "latest"}).ManifestFile(), "o+a@latest.json");
}

TEST(ModelName, ForeignFilesAreNotNames) {
  for (const char* file : {"", ".json", "a.json", "a@.json", "@b.json", "+a@b.json", "a@b",
                           "A@b.json", "a@b@c.json", "o+p+a@b.json", ".a@b.json.0123.ledge-tmp"}) {
    EXPECT_ERROR(ModelName::FromManifestFile(file), Code::kMalformed, "") << file;
  }
}

TEST(ModelName, SuggestionsAreAlwaysNames) {
  EXPECT_EQ(SuggestModelName("/x/SmolLM2-135M.Q4_1.gguf").name, "smollm2-135m.q4_1");
  EXPECT_EQ(SuggestModelName("Foo Bar (1).GGUF").name, "foo-bar-1");
  EXPECT_EQ(SuggestModelName("...").name, "model");
  EXPECT_EQ(SuggestModelName("").name, "model");
  EXPECT_EQ(SuggestModelName("\xE2\x82\xAC.gguf").name, "model");
  for (const char* path : {"a/b.gguf", "-x-", "\xff\xfe z", "folder/"}) {
    EXPECT_OK(ParseModelName(SuggestModelName(path).name)) << path;
  }
  EXPECT_EQ(SuggestModelName(std::string(300, 'x')).name.size(), 64u);
}

}  // namespace
}  // namespace ledge
