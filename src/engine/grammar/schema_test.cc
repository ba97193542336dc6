#include "engine/grammar/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/grammar/limits.h"
#include "testing/grammar_test.h"
#include "testing/schema_checker.h"

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;
using testing::GrammarTexts;
using ::testing::HasSubstr;
using testing::SchemaChecker;

// Schemas as people and libraries write them.
const std::vector<std::string>& Handwritten() {
  static const std::vector<std::string> schemas = {
      R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"],"additionalProperties":false})",
      R"({"type":"object","properties":{"steps":{"type":"array","items":{"type":"object","properties":{"explanation":{"type":"string"},"output":{"type":"string"}},"required":["explanation","output"],"additionalProperties":false}},"final_answer":{"type":"string"}},"required":["steps","final_answer"],"additionalProperties":false})",
      R"({"$defs":{"node":{"type":"object","properties":{"value":{"type":"number"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["value","next"],"additionalProperties":false}},"$ref":"#/$defs/node"})",
      R"({"type":"object","properties":{"tag":{"enum":["div","button"]},"children":{"type":"array","items":{"$ref":"#"}}},"required":["tag","children"],"additionalProperties":false})",
      R"({"title":"Model","type":"object","properties":{"a":{"title":"A","default":3,"type":"integer"},"b":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"B"}},"required":["a"]})",
      R"({"enum":["red","green","blue",null,1,2.5,{"a":[1]},[true]]})",
      R"({"const":{"k":"v \" \\ \n \u00e9"}})",
      R"({"type":["string","null"]})",
      R"({"type":["integer","boolean"],"minimum":-3,"maximum":40})",
      R"({"type":"boolean"})",
      R"({"type":"null"})",
      R"({"type":"number"})",
      R"({"type":"string"})",
      R"({"type":"array"})",
      R"({"type":"object"})",
      R"({})",
      R"(true)",
      R"({"type":"string","minLength":3,"maxLength":5})",
      R"({"type":"string","minLength":300})",
      R"({"type":"string","pattern":"^[a-z]{2,4}[0-9]+$"})",
      R"({"type":"string","pattern":"^(\\([0-9]{3}\\))?[0-9]{3}-[0-9]{4}$"})",
      R"({"type":"string","pattern":"^ab|^c$"})",
      R"({"type":"string","pattern":"^.{2}\\.\\w+\\s\\S\\d\\D\\W[^a-z\\d_]$"})",
      R"({"type":"string","pattern":"^(a|b(c|d)*)+?x{3,}y?$"})",
      R"({"type":"string","pattern":"^[\"\\\\\\n\\u00e9]{4}$"})",
      R"({"type":"string","pattern":"^[A-Z]{1,8}$","maxLength":8,"minLength":1})",
      R"({"type":"integer","minimum":0,"maximum":0})",
      R"({"type":"integer","minimum":-5,"maximum":-2})",
      R"({"type":"integer","minimum":7})",
      R"({"type":"integer","maximum":-7})",
      R"({"type":"integer","exclusiveMinimum":9,"exclusiveMaximum":1001})",
      R"({"type":"integer","minimum":0.5,"maximum":3.5})",
      R"({"type":"integer","minimum":-3.5,"maximum":-0.5})",
      R"({"type":"integer","minimum":-1e30,"maximum":1e30})",
      R"({"type":"integer","minimum":98,"maximum":123456})",
      R"({"type":"number","minimum":0,"maximum":1})",
      R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})",
      R"({"type":"number","minimum":-1.25,"maximum":3.5})",
      R"({"type":"number","minimum":0.125,"maximum":0.13})",
      R"({"type":"number","exclusiveMinimum":2.5})",
      R"({"type":"number","maximum":-0.001})",
      R"({"type":"number","minimum":1.5,"maximum":1.5})",
      R"({"type":"number","exclusiveMaximum":0})",
      R"({"type":"number","minimum":99,"exclusiveMaximum":100})",
      R"({"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":4})",
      R"({"type":"array","items":{"type":"boolean"},"minItems":3})",
      R"({"type":"array","maxItems":0})",
      R"({"type":"array","items":{"enum":["x"]},"maxItems":1})",
      R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false,"minItems":2})",
      R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"},{"const":null}],"minItems":1,"maxItems":2})",
      R"({"type":"array","prefixItems":[{"const":1}],"items":{"const":2},"minItems":3,"maxItems":5})",
      R"({"type":"array","items":[{"const":1},{"const":2}]})",
      R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"boolean"},"c":{"const":"x"}},"additionalProperties":false})",
      R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"boolean"},"c":{"const":"x"}},"required":["b"],"additionalProperties":false})",
      R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"boolean"},"c":{"const":"x"}},"required":["c"],"additionalProperties":{"type":"null"}})",
      R"({"type":"object","properties":{"a":{"type":"integer"},"ab":{"type":"boolean"},"\u00e9\"":{"const":1}},"additionalProperties":{"type":"string"}})",
      R"({"type":"object","additionalProperties":{"type":"array","items":{"type":"number"}}})",
      R"({"type":"object","properties":{"a":true},"required":["a","z"]})",
      R"({"type":"object","properties":{"gone":false,"here":{"type":"null"}},"additionalProperties":false})",
      R"({"anyOf":[{"type":"string","maxLength":2},{"type":"integer"},{"type":"object","properties":{"x":{"type":"null"}},"required":["x"]}]})",
      R"({"oneOf":[{"type":"string"},{"type":"integer"},{"type":"array","items":{"type":"boolean"}}]})",
      R"({"oneOf":[{"type":"object","properties":{"kind":{"const":"a"},"x":{"type":"integer"}},"required":["kind","x"]},{"type":"object","properties":{"kind":{"const":"b"},"y":{"type":"string"}},"required":["kind","y"]}],"discriminator":{"propertyName":"kind"}})",
      R"({"oneOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false},{"type":"object","properties":{"b":{"type":"integer"}},"required":["b"],"additionalProperties":false}]})",
      R"({"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"b":{"type":"string"}},"required":["b"]}]})",
      R"({"$defs":{"p":{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}},"allOf":[{"$ref":"#/$defs/p"}],"description":"d"})",
      R"({"allOf":[{"type":"integer","minimum":3},{"type":"number","maximum":9}]})",
      R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"anyOf":[{"required":["a"]},{"required":["b"]}]})",
      R"({"$defs":{"s":{"type":"string"}},"type":"object","properties":{"q":{"$ref":"#/$defs/s","maxLength":3}},"required":["q"]})",
      R"({"definitions":{"tree":{"type":"array","items":{"$ref":"#/definitions/tree"},"maxItems":2}},"$ref":"#/definitions/tree"})",
      R"({"$defs":{"a/b~c":{"type":"null"}},"$ref":"#/$defs/a~1b~0c"})",
      R"({"type":"array","uniqueItems":false,"items":{"type":"integer","multipleOf":1}})",
      R"({"type":"object","properties":{"expr":{"$ref":"#/$defs/e"}},"required":["expr"],"additionalProperties":false,"$defs":{"e":{"anyOf":[{"type":"integer"},{"type":"object","properties":{"op":{"enum":["+","*"]},"l":{"$ref":"#/$defs/e"},"r":{"$ref":"#/$defs/e"}},"required":["op","l","r"],"additionalProperties":false}]}}})"};
  return schemas;
}

// Schemas out of all keywords, the same ones every time.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  Json Schema(int depth) {
    switch (Up(depth > 0 ? 11 : 6)) {
      case 0:
        return Text();
      case 1:
        return {{"type", "integer"}, {"minimum", Up(2000) - 1000}, {"maximum", 1000 + Up(99000)}};
      case 2:
        return Real();
      case 3:
        return {{"type", "boolean"}};
      case 4:
        return {{"enum", {"a", Up(100), nullptr, "long word " + Word()}}};
      case 5:
        return {{"const", Word()}};
      case 6:
        return List(depth);
      case 7:
        return {{"anyOf", {Schema(depth - 1), Schema(depth - 1), {{"type", "null"}}}}};
      case 8:
        return {{"oneOf",
                 {{{"type", "string"}, {"maxLength", Up(9)}}, {{"type", "boolean"}}, List(depth)}}};
      case 9:
        return {
            {"type", {"string", "null", "integer"}}, {"maxLength", 1 + Up(4)}, {"minimum", Up(5)}};
      default:
        return Object(depth);
    }
  }

 private:
  int Up(int below) { return static_cast<int>(random_() % static_cast<uint32_t>(below)); }
  std::string Word() {
    std::string word;
    for (int i = Up(4) + 1; i > 0; --i) word += "abc\"\\ \xC3\xA9"[Up(6)];
    return word;
  }

  Json Text() {
    switch (Up(4)) {
      case 0:
        return {{"type", "string"}};
      case 1: {
        const int least = Up(6);
        return {{"type", "string"}, {"minLength", least}, {"maxLength", least + Up(6)}};
      }
      case 2:
        return {{"type", "string"},
                {"pattern", "^[a-c]{" + std::to_string(Up(3)) + ",5}(x|yz)?[^0-9]$"}};
      default:
        return {{"type", "string"}, {"format", Up(2) == 0 ? "uuid" : "date-time"}};
    }
  }

  Json Real() {
    const double low = (Up(4000) - 2000) / 8.0;
    const double high = low + 0.125 + Up(1000) / 16.0;
    return {{"type", "number"},
            {Up(2) == 0 ? "minimum" : "exclusiveMinimum", low},
            {Up(2) == 0 ? "maximum" : "exclusiveMaximum", high}};
  }

  Json List(int depth) {
    Json list = {{"type", "array"}, {"items", Schema(depth - 1)}};
    if (Up(3) == 0) list["prefixItems"] = {Schema(depth - 1), Schema(depth - 1)};
    const int least = Up(3);
    if (Up(2) == 0) list["minItems"] = least;
    if (Up(2) == 0) list["maxItems"] = least + Up(3);
    return list;
  }

  Json Object(int depth) {
    Json properties = Json::object();
    Json required = Json::array();
    for (int i = Up(5); i > 0; --i) {
      const std::string name = Word();
      properties[name] = Schema(depth - 1);
      if (Up(2) == 0) required.push_back(name);
    }
    Json object = {{"type", "object"}, {"properties", properties}, {"required", required}};
    const int others = Up(3);
    if (others == 0) object["additionalProperties"] = false;
    if (others == 1) object["additionalProperties"] = Schema(depth - 1);
    return object;
  }

  std::mt19937 random_;
};

class Schemas : public testing::GrammarTest {
 protected:
  bool Takes(const std::string& schema, const std::string& text) const {
    return GrammarTest::Takes({GrammarKind::kSchema, schema}, text);
  }
  static std::string Refusal(const std::string& schema) {
    const auto compiled = CompileGrammar({GrammarKind::kSchema, schema});
    if (compiled.ok()) return "";
    EXPECT_EQ(compiled.error().code, Code::kUsage);
    return compiled.error().message;
  }

  // Every text that is drawn must be JSON that the schema accepts.
  void CheckDraws(const std::string& schema, int draws, std::mt19937& random) {
    const auto matching = texts().Compiled({GrammarKind::kSchema, schema});
    ASSERT_OK(matching) << schema;
    const Json parsed = Json::parse(schema);
    for (int i = 0; i < draws; ++i) {
      const std::string text = texts().Draw(*matching, random);
      ASSERT_FALSE(text.empty()) << schema << " came to no end";
      const Json value = Json::parse(text, nullptr, false);
      ASSERT_FALSE(value.is_discarded()) << text << " of " << schema;
      ASSERT_TRUE(SchemaChecker(parsed).Accepts(value)) << text << " of " << schema;
    }
  }
};

TEST_F(Schemas, HandwrittenOnesGiveOnlyWhatTheyAccept) {
  std::mt19937 random(1);
  for (const std::string& schema : Handwritten()) CheckDraws(schema, 6, random);
}

TEST_F(Schemas, GeneratedOnesGiveOnlyWhatTheyAccept) {
  std::mt19937 random(2);
  Generator generator(3);
  for (int i = 0; i < 240; ++i) CheckDraws(generator.Schema(3).dump(), 3, random);
}

TEST_F(Schemas, AcceptTextsAsModelsWriteThem) {
  const std::string person = Handwritten()[0];
  EXPECT_TRUE(Takes(person, R"({"name":"Ada","age":36})"));
  EXPECT_TRUE(Takes(person, R"( {"name": "Ad\u0061 \ud83d\ude82", "age": -1})"));
  EXPECT_TRUE(Takes(person, "{\n  \"name\": \"A\",\n  \"age\": 36\n}"));
  EXPECT_TRUE(Takes(person, "{\n\t\"name\":\"\xC3\xA9\",\n\t\"age\":0\n}"));
  EXPECT_FALSE(Takes(person, R"({"age":36,"name":"Ada"})")) << "the schema's order";
  EXPECT_FALSE(Takes(person, R"({"name":"Ada"})"));
  EXPECT_FALSE(Takes(person, R"({"name":"Ada","age":36,"x":1})"));
  EXPECT_FALSE(Takes(person, R"({"name":"\ud83d","age":36})")) << "half a character";
  EXPECT_FALSE(Takes(person, "{\"name\":\"a\nb\",\"age\":36}"));
  EXPECT_FALSE(Takes(person, R"({"name":"Ada","age":036})"));
  EXPECT_TRUE(Takes("{}", R"({"a":[1,-2.5e10,"x",null,true,{}],"b":{}})"));
}

TEST_F(Schemas, PatternsWithoutEdgesMatchAnywhere) {
  const std::string schema = R"({"type":"string","pattern":"ab|^c$"})";
  EXPECT_TRUE(Takes(schema, R"("xxabyy")"));
  EXPECT_TRUE(Takes(schema, R"("c")"));
  EXPECT_TRUE(Takes(schema, R"("\n\"ab\\")"));
  EXPECT_FALSE(Takes(schema, R"("cc")"));
  EXPECT_FALSE(Takes(schema, R"("a b")"));
}

TEST_F(Schemas, RangesHoldAtTheirBounds) {
  for (const auto& [low, high] :
       {std::pair{-13, 7}, {0, 0}, {5, 123}, {-120, -9}, {99, 1001}, {-1, 100}}) {
    const std::string schema =
        fmt::format(R"({{"type":"integer","minimum":{},"maximum":{}}})", low, high);
    const auto matching = texts().Compiled({GrammarKind::kSchema, schema});
    ASSERT_OK(matching);
    for (int i = -1200; i <= 1200; ++i)
      ASSERT_EQ(GrammarTexts::Takes(*matching, std::to_string(i)), low <= i && i <= high) << i;
  }
  const auto number = texts().Compiled(
      {GrammarKind::kSchema, R"({"type":"number","exclusiveMinimum":-1.25,"maximum":2.5})"});
  ASSERT_OK(number);
  for (int i = -4000; i <= 4000; ++i) {
    const std::string text = fmt::format("{:.3f}", i / 1000.0);
    ASSERT_EQ(GrammarTexts::Takes(*number, text), i > -1250 && i <= 2500) << text;
  }
}

TEST_F(Schemas, FormatsTakeWhatTheyName) {
  const auto takes = [this](const std::string& format, const std::string& text) {
    return Takes(R"({"type":"string","format":")" + format + "\"}", "\"" + text + "\"");
  };
  EXPECT_TRUE(takes("date", "2024-02-29"));
  EXPECT_FALSE(takes("date", "2023-02-29"));
  EXPECT_TRUE(takes("date", "2000-02-29"));
  EXPECT_FALSE(takes("date", "1900-02-29"));
  EXPECT_FALSE(takes("date", "2024-04-31"));
  EXPECT_TRUE(takes("time", "23:59:59.5Z"));
  EXPECT_FALSE(takes("time", "24:00:00Z"));
  EXPECT_TRUE(takes("date-time", "1985-04-12T23:20:50.52+01:30"));
  EXPECT_FALSE(takes("date-time", "1985-04-12 23:20:50Z"));
  EXPECT_TRUE(takes("uuid", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"));
  EXPECT_FALSE(takes("uuid", "f81d4fae7dec11d0a76500a0c91e6bf6"));
  EXPECT_TRUE(takes("ipv4", "192.168.0.255"));
  EXPECT_FALSE(takes("ipv4", "192.168.0.256"));
  EXPECT_TRUE(takes("ipv6", "2001:db8:0:0:8:800:200c:417a"));
  EXPECT_TRUE(takes("email", "a.b+c@example.org"));
  EXPECT_TRUE(takes("duration", "P3Y6M4DT12H30M5S"));
  EXPECT_FALSE(takes("duration", "P"));
  EXPECT_TRUE(takes("hostname", "a-b.example.org"));
  EXPECT_TRUE(takes("uri", "https://example.org/a/b?c=d#e"));
}

TEST_F(Schemas, RefusalsNameThePlaceAndTheKeyword) {
  const auto at = [](const std::string& schema) {
    return Refusal(R"({"type":"object","properties":{"x":)" + schema + "}}");
  };
  for (const char* keyword :
       {"not", "if", "dependentRequired", "patternProperties", "propertyNames", "uniqueItems",
        "contains", "multipleOf", "minlength"}) {
    EXPECT_THAT(
        at(fmt::format(R"({{"{}":{{}}}})", keyword)),
        HasSubstr(fmt::format("schema #/properties/x: keyword '{}' can't be enforced", keyword)));
  }
  EXPECT_THAT(at(R"({"type":"text"})"), HasSubstr("#/properties/x/type: is \"text\""));
  EXPECT_THAT(at(R"({"$ref":"#/$defs/y"})"), HasSubstr("leads to no schema"));
  EXPECT_THAT(at(R"({"$ref":"http://example.org/s"})"), HasSubstr("leads to no schema"));
  EXPECT_THAT(at(R"({"type":"string","format":"regex"})"), HasSubstr("'regex' can't be enforced"));
  EXPECT_THAT(at(R"({"type":"string","pattern":"^(?=a)b$"})"), HasSubstr("looking around"));
  EXPECT_THAT(at(R"({"type":"string","pattern":"(a)\\1"})"), HasSubstr("backreferences"));
  EXPECT_THAT(at(R"({"type":"string","pattern":"\\bword"})"), HasSubstr("'\\b' at character 1"));
  EXPECT_THAT(at(R"({"type":"string","pattern":"a(b"})"), HasSubstr("must end in )"));
  EXPECT_THAT(at(R"({"type":"string","pattern":"^[a-z]+$","maxLength":4})"),
              HasSubstr("must be said by the pattern"));
  EXPECT_THAT(at(R"({"oneOf":[{"type":"integer"},{"type":"number"}]})"),
              HasSubstr("branches 0 and 1 could both accept"));
  EXPECT_THAT(at(R"({"anyOf":[]})"), HasSubstr("must be an array of 1 to"));
  EXPECT_THAT(at(R"({"enum":[]})"), HasSubstr("must have one at least"));
  EXPECT_THAT(at("3"), HasSubstr("is a number"));
  EXPECT_THAT(Refusal("{"), HasSubstr("is no JSON"));
  EXPECT_THAT(Refusal("\"\xFF\""), HasSubstr("is no JSON"));
}

TEST_F(Schemas, ContradictionsAreRefused) {
  EXPECT_THAT(Refusal(R"({"type":"string","minLength":5,"maxLength":3})"),
              HasSubstr("minLength 5 is above maxLength 3"));
  EXPECT_THAT(Refusal(R"({"type":"array","minItems":2,"maxItems":1})"), HasSubstr("is above"));
  EXPECT_THAT(Refusal(R"({"type":"integer","minimum":2,"maximum":1})"),
              HasSubstr("no whole number is from 2 to 1"));
  EXPECT_THAT(Refusal(R"({"type":"number","minimum":2,"maximum":1})"),
              HasSubstr("no text can match"));
  EXPECT_THAT(Refusal(R"({"type":"string","enum":[1]})"), HasSubstr("has no value of the type"));
  EXPECT_THAT(Refusal("false"), HasSubstr("no text can match"));
  EXPECT_THAT(Refusal(R"({"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]})"),
              HasSubstr("never ends"));
  EXPECT_THAT(
      Refusal(
          R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"})"),
      HasSubstr("left recursion"));
}

TEST_F(Schemas, HostileOnesAreRefusedOrBounded) {
  const auto repeat = [](std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  EXPECT_THAT(Refusal(repeat(R"({"items":)", 5000) + "{}" + repeat("}", 5000)),
              HasSubstr("nests deeper than"));
  EXPECT_THAT(Refusal(repeat("[", 100000)), HasSubstr("schema #: "));
  EXPECT_THAT(Refusal("{\"enum\":[" + std::string(300000, '1') + "]}"),
              HasSubstr("must be at most"));
  // 20,000 values with little in common.
  std::string values;
  for (int i = 0; i < 20000; ++i)
    values += fmt::format("{}\"{:07x}\"", i == 0 ? "" : ",", i * 7919);
  EXPECT_THAT(Refusal("{\"enum\":[" + values + "]}"), HasSubstr("more than"));
  // Each definition twice the one before: 2^40 texts, 40 rules.
  std::string defs;
  for (int i = 0; i < 40; ++i)
    defs += fmt::format(
        R"("d{}":{{"type":"array","prefixItems":[{{"$ref":"#/$defs/d{}"}},{{"$ref":"#/$defs/d{}"}}],"minItems":2}},)",
        i, i + 1, i + 1);
  EXPECT_EQ(Refusal("{\"$defs\":{" + defs + R"("d40":{"type":"null"}},"$ref":"#/$defs/d0"})"), "");
  // The same by joining: refused before it has been done.
  defs.clear();
  for (int i = 0; i < 40; ++i)
    defs += fmt::format(R"("d{}":{{"allOf":[{{"$ref":"#/$defs/d{}"}},{{"$ref":"#/$defs/d{}"}}]}},)",
                        i, i + 1, i + 1);
  EXPECT_NE(
      Refusal(
          "{\"$defs\":{" + defs +
          R"("d40":{"type":"object","properties":{"a":{"type":"null"}}}},"$ref":"#/$defs/d0"})"),
      "x");
  EXPECT_THAT(Refusal(R"({"type":"string","maxLength":1000000000})"), HasSubstr("0 to 16384"));
  EXPECT_EQ(Refusal(R"({"type":"string","pattern":"^((a{9999}){9999}){9999}$"})"), "");
  EXPECT_THAT(Refusal("{\"type\":\"string\",\"pattern\":\"" + repeat("[a-f]{16000}", 10) + "\"}"),
              HasSubstr("more than"));
  EXPECT_EQ(Refusal(R"({"type":"string","pattern":"^(a+)+$"})"), "");
  EXPECT_EQ(Refusal(R"({"type":"string","pattern":"^(a|aa|aaa)*(a|b)*a(a|b){20}$"})"), "");
  EXPECT_THAT(Refusal("{\"type\":\"string\",\"pattern\":\"" + repeat("(", 5000) + "\"}"),
              HasSubstr("pattern"));
  std::string keys;
  for (int i = 0; i < 5000; ++i) keys += fmt::format("{}\"k{}\":true", i == 0 ? "" : ",", i);
  EXPECT_THAT(Refusal("{\"properties\":{" + keys + "}}"), HasSubstr("has more than 2048 keys"));
}

}  // namespace
}  // namespace ledge
