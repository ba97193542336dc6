#include "hf/config.h"

#include <gtest/gtest.h>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

Result<HfConfig> Parse(std::string_view text) { return HfConfig::Parse(text, "f/config.json"); }

TEST(HfConfig, GivesFieldsByTypeAndTakesNullAsMissing) {
  ASSERT_OK_AND_ASSIGN(const HfConfig config,
                       Parse(R"({"n":7,"x":0.5,"b":true,"t":"text","none":null,"ids":[1,2],"id":3,
                                 "o":{"f":[1,2.5]}})"));
  EXPECT_EQ(config.Count("n").value(), 7U);
  EXPECT_EQ(config.Count("none", 9).value(), 9U);
  EXPECT_FALSE(config.has("none"));
  EXPECT_EQ(config.Number("x").value(), 0.5);
  EXPECT_EQ(config.Number("n").value(), 7.0);
  EXPECT_TRUE(config.Bool("b", false).value());
  EXPECT_EQ(config.Text("t", "").value(), "text");
  EXPECT_EQ(config.Counts("ids").value(), (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(config.Counts("id").value(), std::vector<uint64_t>{3});
  EXPECT_TRUE(config.Counts("none").value().empty());
  ASSERT_OK_AND_ASSIGN(const auto object, config.Object("o"));
  ASSERT_TRUE(object);
  EXPECT_EQ(object->Numbers("f").value(), (std::vector<double>{1, 2.5}));
  EXPECT_FALSE(config.Object("none").value());
}

TEST(HfConfig, NamesFileFieldAndValueOfWhatIsWrong) {
  ASSERT_OK_AND_ASSIGN(const HfConfig config,
                       Parse(R"({"n":-7,"big":4294967296,"x":"0.5","b":1,"t":[],"o":{"k":"v"},
                                 "list":[1,"a"],"float":1.5})"));
  EXPECT_ERROR(config.Count("n"), Code::kMalformed,
               "f/config.json: n is -7; it should be a whole number up to 4294967295");
  EXPECT_ERROR(config.Count("big"), Code::kMalformed, "big is 4294967296");
  EXPECT_ERROR(config.Count("float"), Code::kMalformed, "float is 1.5");
  EXPECT_ERROR(config.Count("missing"), Code::kMalformed, "missing is missing");
  EXPECT_ERROR(config.Number("x"), Code::kMalformed, "x is \"0.5\"; it should be a number");
  EXPECT_ERROR(config.Bool("b", true), Code::kMalformed, "b is 1; it should be true or false");
  EXPECT_ERROR(config.Text("t", ""), Code::kMalformed, "t is []; it should be a text");
  EXPECT_ERROR(config.Object("n"), Code::kMalformed, "it should be an object");
  EXPECT_ERROR(config.Counts("list"), Code::kMalformed, "list has \"a\" in it");
  ASSERT_OK_AND_ASSIGN(const auto object, config.Object("o"));
  EXPECT_ERROR(object->Count("k"), Code::kMalformed, "o.k is \"v\"");
}

TEST(HfConfig, RefusesWhatIsNoObjectOrTooMuch) {
  const std::string deep = "{\"a\":" + std::string(1000, '[') + std::string(1000, ']') + "}";
  for (const std::string& text : {std::string(), std::string("[]"), std::string("{"),
                                  std::string("{\"a\":\"\xFF\"}"), deep, std::string("7")}) {
    EXPECT_ERROR(Parse(text), Code::kMalformed, "is not a JSON object");
  }
  EXPECT_ERROR(Parse(std::string(kMaxHfConfigBytes + 1, ' ')), Code::kMalformed, "at most");
  const std::string millions(8 << 20, '[');
  EXPECT_ERROR(Parse(millions), Code::kMalformed, "nested at most");
  std::string many = "{\"ids\":[0";
  for (uint64_t i = 0; i < kMaxHfListEntries; ++i) many += ",0";
  ASSERT_OK_AND_ASSIGN(const HfConfig config, Parse(many + "]}"));
  EXPECT_ERROR(config.Counts("ids"), Code::kMalformed, "has 65537 entries");
}

}  // namespace
}  // namespace ledge
