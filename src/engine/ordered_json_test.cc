#include "engine/ordered_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;

std::string Repeated(std::string_view what, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += what;
  return text;
}

TEST(OrderedJson, ReadsWhatTheLibraryReads) {
  for (const char* text :
       {"null", "true", "-5", "18446744073709551615", "1.5e3", "\"a\\u00e9\\n\"", "[]", "{}",
        "[1,[2,[3,{}]],\"x\"]", R"({"z":1,"a":{"y":[{}],"b":null},"m":[{"k":2},3]})",
        "  { \"a\" : [ ] }\n"}) {
    ASSERT_OK_AND_ASSIGN(const Json json, ParseOrderedJson(text));
    EXPECT_EQ(json.dump(), Json::parse(text).dump()) << text;
  }
}

TEST(OrderedJson, TheLastOfTwoValuesCountsInTheFirstPlaceHoweverManyKeysThereAre) {
  ASSERT_OK_AND_ASSIGN(const Json few, ParseOrderedJson(R"({"a":1,"b":2,"a":3})"));
  EXPECT_EQ(few.dump(), R"({"a":3,"b":2})");
  std::string text = "{";
  for (int i = 0; i < 100; ++i) text += fmt::format("\"k{}\":{},", i, i);
  ASSERT_OK_AND_ASSIGN(const Json many, ParseOrderedJson(text + R"("k3":"x","k90":"y","k3":"z"})"));
  EXPECT_EQ(many.size(), 100U);
  EXPECT_EQ(many["k3"], "z");
  EXPECT_EQ(many["k90"], "y");
  EXPECT_EQ(many.begin().key(), "k0");
  EXPECT_EQ(many["k99"], 99);
}

TEST(OrderedJson, ManyKeysTakeLinearTime) {
  // A search of each among all before it would take an hour.
  std::string text = "{";
  for (int i = 0; i < 400'000; ++i) text += fmt::format("\"{:x}\":0,", i);
  text.back() = '}';
  ASSERT_OK_AND_ASSIGN(const Json json, ParseOrderedJson(text));
  EXPECT_EQ(json.size(), 400'000U);
}

TEST(OrderedJson, DepthAndNumberAreBounded) {
  EXPECT_OK(ParseOrderedJson(Repeated("[", 64) + Repeated("]", 64)));
  EXPECT_ERROR(ParseOrderedJson(Repeated("[", 65) + Repeated("]", 65)), Code::kMalformed,
               "nests deeper than 64");
  EXPECT_ERROR(ParseOrderedJson(Repeated("{\"a\":", 4'000'000)), Code::kMalformed,
               "nests deeper than 64");
  EXPECT_OK(ParseOrderedJson("[1,2]", {.values = 3}));
  EXPECT_ERROR(ParseOrderedJson("[1,2,3]", {.values = 3}), Code::kMalformed,
               "holds more than 3 values");
}

TEST(OrderedJson, KeysOfAnObjectAreBounded) {
  EXPECT_OK(ParseOrderedJson(R"([{"a":1,"b":2},{"a":{"b":1,"c":2}}])", {.keys = 2}));
  EXPECT_ERROR(ParseOrderedJson(R"([{"a":{"b":1,"c":2,"d":3}}])", {.keys = 2}), Code::kMalformed,
               "has more than 2 keys in one object");
}

TEST(OrderedJson, WhatIsNoneIsRefused) {
  for (const char* text : {"", "{", "[1,]", "{\"a\"}", "nul", "1 2", "\"\xff\"", "\"", "[1}",
                           "{\"a\":1,}", "\x01", "1e999"}) {
    EXPECT_ERROR(ParseOrderedJson(text), Code::kMalformed, "is no JSON") << text;
  }
}

}  // namespace
}  // namespace ledge
