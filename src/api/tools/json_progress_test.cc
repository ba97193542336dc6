#include "api/tools/json_progress.h"

#include <gtest/gtest.h>

#include <string>

namespace ledge {
namespace {

using State = JsonProgress::State;

// Where it stops, fed at once and byte by byte.
size_t Length(const std::string& text, State state) {
  JsonProgress whole;
  const size_t length = whole.Feed(text);
  EXPECT_EQ(whole.state(), state) << text;
  JsonProgress slow;
  size_t bytes = 0;
  for (const char c : text) bytes += slow.Feed(std::string_view(&c, 1));
  EXPECT_EQ(bytes, length) << text;
  EXPECT_EQ(slow.state(), state) << text;
  return length;
}

TEST(JsonProgress, EndsWhereTheObjectDoes) {
  for (const std::string& json : std::initializer_list<std::string>{
           "{}", "{ }", R"({"a":1})", R"({"a":{"b":[]},"c":[1,-2.5e+3,true,null,[{}]]})",
           R"({"a" : "}\"\\\u00e9x" , "" : 0})", "{\"a\":\n[\t1 ,2 ] }"}) {
    EXPECT_EQ(Length(json + "} behind", State::kDone), json.size());
    for (size_t i = 0; i < json.size(); ++i)
      EXPECT_EQ(Length(json.substr(0, i), State::kGoesOn), i);
  }
}

TEST(JsonProgress, StopsAtWhatCanBeNoJson) {
  for (const std::string& text : std::initializer_list<std::string>{" {",
                                                                    "[",
                                                                    "x",
                                                                    "{'",
                                                                    "{a",
                                                                    "{,",
                                                                    R"({"a")"
                                                                    "}",
                                                                    R"({"a":})",
                                                                    R"({"a":1,})",
                                                                    R"({"a":[1,])",
                                                                    R"({"a":01})",
                                                                    R"({"a":1.})",
                                                                    R"({"a":tru})",
                                                                    R"({"a":nan)"
                                                                    "}",
                                                                    R"({"a":1 2)",
                                                                    R"({"a":"\x)",
                                                                    R"({"a":"\u12g)",
                                                                    "{\"a\":\"\n",
                                                                    R"({"a":[})",
                                                                    R"({"a":{])",
                                                                    R"({"a":1]})",
                                                                    R"({"a":'b)",
                                                                    R"({"a" 1)"}) {
    Length(text, State::kMalformed);
  }
}

TEST(JsonProgress, IsBoundedInDepthAndInTheLengthOfANumber) {
  std::string deep = "{\"a\":";
  deep += std::string(JsonProgress::kMaxDepth - 1, '[');
  Length(deep, State::kGoesOn);
  Length(deep + "[", State::kMalformed);
  const std::string number(JsonProgress::kMaxScalarBytes, '1');
  Length("{\"a\":" + number, State::kGoesOn);
  Length("{\"a\":" + number + "1", State::kMalformed);
}

TEST(JsonProgress, IsCertainFromItsFirstValueOn) {
  const auto certain = [](std::string_view text) {
    JsonProgress progress;
    progress.Feed(text);
    return progress.certain();
  };
  EXPECT_FALSE(certain("{"));
  EXPECT_FALSE(certain(R"({"a": )"));
  EXPECT_FALSE(certain(R"({"a": ')"));
  EXPECT_TRUE(certain("{}"));
  EXPECT_TRUE(certain(R"({"a": ")"));
  EXPECT_TRUE(certain(R"({"a": 1)"));
}

}  // namespace
}  // namespace ledge
