// What tokenizer.json says of white space, normal forms and Unigram, against the ids that
// `tokenizers` 0.23 gives for the same small files.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testing/charsmaps.h"
#include "testing/hf_tokenizers.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<Token>;

std::string Base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t three = 0;
    for (size_t k = 0; k < 3; ++k) {
      three = three << 8 | (i + k < bytes.size() ? static_cast<uint8_t>(bytes[i + k]) : 0);
    }
    for (size_t k = 0; k < 4; ++k) {
      out += i + k <= bytes.size() ? kDigits[three >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

Json Added(int id, const char* content, bool left, bool right, bool special = true) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", left},
          {"rstrip", right}, {"normalized", false}, {"special", special}};
}

Result<Ids> Encode(const Json& json, std::string_view text) {
  LEDGE_TRY(const auto built, testing::BuildHfTokenizer(json.dump()));
  return built.tokenizer.Encode(text, {.parse_special = true});
}
Error Refused(const Json& json) {
  const auto read = testing::BuildHfTokenizer(json.dump());
  EXPECT_FALSE(read.ok());
  return read.ok() ? MakeError(Code::kInternal, "accepted") : read.error();
}

Json Metaspace(const char* scheme = "always", bool split = true) {
  return {{"type", "Metaspace"},
          {"replacement", "\u2581"},
          {"prepend_scheme", scheme},
          {"split", split}};
}
Json WhitespaceSplit(const char* scheme = "always") {
  return {{"type", "Sequence"},
          {"pretokenizers", {{{"type", "WhitespaceSplit"}}, Metaspace(scheme)}}};
}
Json Steps(const std::vector<Json>& steps) {
  return {{"type", "Sequence"}, {"normalizers", steps}};
}
Json Precompiled() {
  return {{"type", "Precompiled"}, {"precompiled_charsmap", Base64(testing::CapitalACharsmap())}};
}
const Json kMerge = {{"type", "Replace"}, {"pattern", {{"Regex", " {2,}"}}}, {"content", " "}};
const Json kStrip = {{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}};

// An initialiser list of two would be a field.
Json Scored(const char* text, double score) { return Json::array({text, score}); }

Json Unigram(const Json& normalizer, const Json& words) {
  return {{"added_tokens",
           {Added(0, "<pad>", false, false), Added(1, "</s>", false, false),
            Added(2, "<unk>", false, false), Added(11, "<mask>", true, false)}},
          {"normalizer", normalizer},
          {"pre_tokenizer", words},
          {"model",
           {{"type", "Unigram"},
            {"unk_id", 2},
            {"vocab",
             Json::array({Scored("<pad>", 0.0), Scored("</s>", 0.0), Scored("<unk>", 0.0),
                          Scored("\u2581", -2.0), Scored("a", -3.0), Scored("b", -3.5),
                          Scored("\u2581a", -2.5), Scored("ab", -4.0), Scored("\u2581ab", -5.5),
                          Scored("\u2581\u2581", -2.25), Scored("fi", -4.5)})},
            {"byte_fallback", false}}}};
}

struct Sample {
  const char* text;
  Ids ids;
};

void Expect(const Json& json, const std::vector<Sample>& samples) {
  for (const Sample& sample : samples) {
    ASSERT_OK_AND_ASSIGN(const Ids ids, Encode(json, sample.text));
    EXPECT_EQ(ids, sample.ids) << '"' << sample.text << '"';
  }
}

TEST(HfUnigram, WordsBetweenWhiteSpace) {
  Expect(Unigram(Precompiled(), WhitespaceSplit()), {{"ab", {8}},
                                                     {"Ab a", {8, 6}},
                                                     {"  a  b ", {6, 3, 5}},
                                                     {"a\tb\n", {6, 3, 5}},
                                                     {"ab <mask>A", {8, 11, 6}},
                                                     {"<mask> ab", {11, 8}},
                                                     {"  ", {}},
                                                     {"cab\ufb01", {3, 2, 7, 2}}});
}

TEST(HfUnigram, SpacesInARowAreOneAndTheLastStays) {
  Expect(Unigram(Steps({Precompiled(), kMerge}), Metaspace()), {{"ab", {8}},
                                                                {"Ab a", {8, 6}},
                                                                {"  a  b ", {6, 3, 5, 3}},
                                                                {"a\tb\n", {6, 2, 5, 2}},
                                                                {"ab <mask>A", {8, 11, 6}},
                                                                {"<mask> ab", {11, 8}},
                                                                {"  ", {3}},
                                                                {"ab   ", {8, 3}}});
}

TEST(HfUnigram, SpacesAtTheEndGo) {
  Expect(Unigram(Steps({Precompiled(), kStrip, kMerge}), Metaspace()),
         {{"  a  b ", {6, 3, 5}}, {"  ", {}}, {" ", {}}, {"ab   ", {8}}, {"<mask> ab", {11, 8}}});
}

TEST(HfUnigram, OnlyTheFirstPartHasASpaceInFront) {
  Expect(Unigram(Precompiled(), Metaspace("first", false)), {{"Ab a", {8, 6}},
                                                             {"  a  b ", {3, 6, 9, 5, 3}},
                                                             {"ab <mask>A", {8, 11, 4}},
                                                             {"<mask> ab", {11, 8}},
                                                             {"  ", {9}},
                                                             {"ab   ", {8, 3, 9}}});
}

TEST(HfUnigram, WithANormalFormInsteadOfAMap) {
  Expect(Unigram({{"type", "NFKC"}}, Metaspace("never")), {{"ab", {7}},
                                                           {"  a  b ", {3, 6, 3, 3, 5, 3}},
                                                           {"ab <mask>A", {7, 11, 2}},
                                                           {"  ", {3, 3}},
                                                           {"cab\ufb01", {2, 7, 10}},
                                                           {"ab   ", {7, 3, 3, 3}}});
}

TEST(HfUnigram, RefusesWhatItCannotExpress) {
  const auto refused = [](const Json& normalizer, const Json& words, std::string_view named) {
    const Error error = Refused(Unigram(normalizer, words));
    EXPECT_EQ(error.code, Code::kUnsupported);
    EXPECT_NE(error.message.find(named), std::string::npos) << error.message;
  };
  refused(Precompiled(), nullptr, "pre_tokenizer is null");
  refused(Precompiled(), WhitespaceSplit("first"), "alone or always behind WhitespaceSplit");
  refused(Precompiled(), Metaspace("sometimes"), "the scheme always, first or never");
  refused(Steps({Precompiled(), kStrip}), Metaspace(), "Strip together with Replace");
  refused(Steps({kStrip, Precompiled(), kMerge}), Metaspace(), "normalizer is {\"strip_left\"");
  refused(Steps({Precompiled(), Precompiled()}), Metaspace(), "normalizer is {");
  refused(Steps({Precompiled(), {{"type", "NFKC"}}}), Metaspace(), "one form, as the first step");
  refused({{"type", "Lowercase"}}, Metaspace(), "Lowercase");
  Json json = Unigram(Precompiled(), Metaspace());
  json["model"]["byte_fallback"] = true;
  EXPECT_NE(Refused(json).message.find("model.byte_fallback is true"), std::string::npos);
}

TEST(HfUnigram, RefusesHostileContents) {
  const auto refused = [](auto&& change, std::string_view named) {
    Json json = Unigram(Precompiled(), Metaspace());
    change(json);
    const Error error = Refused(json);
    EXPECT_EQ(error.code, Code::kMalformed) << error.message;
    EXPECT_NE(error.message.find(named), std::string::npos) << error.message;
  };
  refused([](Json& j) { j["model"].erase("unk_id"); }, "model.unk_id must be the number");
  refused([](Json& j) { j["model"]["unk_id"] = 11; }, "model.unk_id");
  refused([](Json& j) { j["model"]["unk_id"] = -1; }, "model.unk_id");
  refused([](Json& j) { j["model"]["vocab"] = Json::array({Scored("a", 0)}); }, "model.unk_id");
  refused([](Json& j) { j["model"]["vocab"] = Json::object({{"a", 0}}); }, "must be an array");
  refused([](Json& j) { j["model"]["vocab"] = Json::array(); }, "must be an array");
  refused([](Json& j) { j["model"]["vocab"][4] = "a"; }, "model.vocab[4] must be a text");
  refused([](Json& j) { j["model"]["vocab"][4] = Json::array({"a", "b"}); }, "model.vocab[4]");
  refused([](Json& j) { j["model"]["vocab"][4] = Json::array({1, 2}); }, "model.vocab[4]");
  refused([](Json& j) { j["model"]["vocab"][4] = Scored("a", 1e300); }, "model.vocab[4]");
  refused([](Json& j) { j["model"]["vocab"][4][0] = std::string(300, 'a'); }, "300 bytes");
  refused([](Json& j) { j["normalizer"]["precompiled_charsmap"] = "AAA"; }, "must be base64");
  refused([](Json& j) { j["normalizer"]["precompiled_charsmap"] = Base64("ab"); },
          "precompiled_charsmap has 2 bytes");
  refused([](Json& j) { j["normalizer"]["precompiled_charsmap"] = Base64("\xFF\xFF\xFF\xFF"); },
          "precompiled_charsmap says that");
  refused([](Json& j) { j["normalizer"] = {{"type", "Sequence"}}; }, "must have normalizers");
}

Json ByteLevel(const Json& normalizer = nullptr) {
  return {{"added_tokens",
           {Added(13, "<l>", true, false), Added(14, "<r>", false, true, false),
            Added(15, "<lr>", true, true)}},
          {"normalizer", normalizer},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
          {"model",
           {{"type", "BPE"},
            {"vocab",
             {{"a", 0},
              {"b", 1},
              {"ab", 2},
              {"\u0120", 3},
              {"\u010a", 4},
              {"\u00c3", 5},
              {"\u00a9", 6},
              {"\u00c3\u00a9", 7},
              {"e", 8},
              {"\u00cc", 9},
              {"\u0123", 10},
              {"\u00c2", 11},
              {"\u0120a", 12}}},
            {"merges", {"a b", "\u00c3 \u00a9", "\u0120 a"}}}}};
}

TEST(HfAddedTokens, TakeWhiteSpaceBesideThemAlong) {
  Expect(ByteLevel(), {{"a <l> b", {0, 13, 3, 1}},
                       {"a <r> b", {0, 3, 14, 1}},
                       {"a <lr> b", {0, 15, 1}},
                       {" <l>", {13}},
                       {"<r>  <l> a", {14, 13, 12}},
                       {"<r> \n<l>", {14, 13}},
                       {"a\u00a0<lr>\u3000b", {0, 15, 1}},
                       {"<lr><lr>  a", {15, 15, 0}},
                       {"a  <l><r>  b", {0, 13, 14, 1}}});
}

TEST(HfAddedTokens, OnlyWhereTheyAreTokens) {
  ASSERT_OK_AND_ASSIGN(const auto built, testing::BuildHfTokenizer(ByteLevel().dump()));
  ASSERT_OK_AND_ASSIGN(const Ids as_text, built.tokenizer.Encode("a <l>"));
  EXPECT_EQ(as_text, (Ids{0, 3})) << "signs that have no token are left out, the space is not";
  const TextRange plain[] = {{0, 5}};
  ASSERT_OK_AND_ASSIGN(const Ids marked, built.tokenizer.Encode(
                                             "a <l> <l>", {.parse_special = true, .plain = plain}));
  EXPECT_EQ(marked, (Ids{0, 3, 13}));
}

TEST(HfAddedTokens, RefusesPlacesItCannotLookFor) {
  Json json = ByteLevel();
  json["added_tokens"][1]["single_word"] = true;
  const Error error = Refused(json);
  EXPECT_EQ(error.code, Code::kUnsupported);
  EXPECT_NE(error.message.find("added_tokens has \"<r>\" with single_word"), std::string::npos)
      << error.message;
}

TEST(HfNormalizer, PutsTextIntoItsForm) {
  const std::vector<Sample> apart = {{"e\u0301", {8, 9, 10}},
                                     {"\u00e9", {8, 9, 10}},
                                     {"ae\u0301 <l>e\u0301", {0, 8, 9, 10, 13, 8, 9, 10}}};
  const std::vector<Sample> together = {
      {"e\u0301", {7}}, {"\u00e9", {7}}, {"ae\u0301 <l>e\u0301", {0, 7, 13, 7}}};
  Expect(ByteLevel(), {{"e\u0301", {8, 9, 10}}, {"\u00e9", {7}}});
  for (const char* const form : {"NFC", "NFKC"}) Expect(ByteLevel({{"type", form}}), together);
  for (const char* const form : {"NFD", "NFKD"}) Expect(ByteLevel({{"type", form}}), apart);
}

TEST(HfNormalizer, RefusesFormsOfForms) {
  const Json twice = {{"type", "Sequence"},
                      {"normalizers", {{{"type", "NFC"}}, {{"type", "NFKD"}}}}};
  EXPECT_EQ(Refused(ByteLevel(twice)).code, Code::kUnsupported);
}

TEST(HfNormalizer, ALongerTextThanAllowedIsRefused) {
  ASSERT_OK_AND_ASSIGN(const auto built,
                       testing::BuildHfTokenizer(ByteLevel({{"type", "NFKD"}}).dump()));
  const std::string text = std::string(kMaxTextBytes - 3, 'a') + "\ufdfa";  // 3 bytes to 33
  EXPECT_ERROR(built.tokenizer.Encode(text), Code::kUsage, "when it is normalised");
}

TEST(HfModel, RefusesFieldsThatChangeTokens) {
  for (const auto& [field, value] : {std::pair<const char*, Json>{"dropout", 0.1},
                                     {"continuing_subword_prefix", "##"},
                                     {"end_of_word_suffix", "</w>"}}) {
    Json json = ByteLevel();
    json["model"][field] = value;
    const Error error = Refused(json);
    EXPECT_EQ(error.code, Code::kUnsupported);
    EXPECT_NE(error.message.find(std::string("model.") + field), std::string::npos);
    json["model"][field] = nullptr;
    EXPECT_OK(testing::BuildHfTokenizer(json.dump()));
  }
}

Json SpmLike(const Json& words) {
  return {{"added_tokens", {Added(0, "<unk>", false, false), Added(1, "<s>", false, false)}},
          {"normalizer", nullptr},
          {"pre_tokenizer", words},
          {"model",
           {{"type", "BPE"},
            {"unk_token", "<unk>"},
            {"byte_fallback", true},
            {"vocab",
             {{"<unk>", 0},
              {"<s>", 1},
              {"\u2581", 2},
              {"a", 3},
              {"b", 4},
              {"\u2581a", 5},
              {"\u2581\u2581", 6},
              {"ab", 7},
              {"\u2581ab", 8}}},
            {"merges", {"\u2581 \u2581", "\u2581 a", "a b", "\u2581a b"}}}}};
}

TEST(HfMetaspace, PutsASpaceWhereItsSchemeSays) {
  Expect(SpmLike(Metaspace("first", false)), {{"ab", {8}},
                                              {"a<s>ab", {5, 1, 7}},
                                              {" a", {5}},
                                              {"   ab", {6, 8}},
                                              {"<s>a a", {1, 3, 5}},
                                              {"<s> a", {1, 5}}});
  Expect(SpmLike(Metaspace("always", true)), {{"ab", {8}},
                                              {"a<s>ab", {5, 1, 8}},
                                              {" a", {5}},
                                              {"   ab", {2, 2, 8}},
                                              {"<s>a a", {1, 5, 5}},
                                              {"<s> a", {1, 5}}});
  Expect(SpmLike(Metaspace("never", false)),
         {{"ab", {7}}, {"a<s>ab", {3, 1, 7}}, {"   ab", {6, 8}}, {"<s>a a", {1, 3, 5}}});
}

TEST(HfMetaspace, RefusesASecondSpaceInFront) {
  Json json = SpmLike(Metaspace());
  json["normalizer"] = {{"type", "Prepend"}, {"prepend", "\u2581"}};
  EXPECT_EQ(Refused(json).code, Code::kUnsupported);
  json = SpmLike({{"type", "Metaspace"}, {"replacement", "_"}});
  EXPECT_NE(Refused(json).message.find("Metaspace with U+2581"), std::string::npos);
}

TEST(HfPostProcessor, SeveralTokensInFrontAreLeftToTheTemplateThatWritesThem) {
  Json json = ByteLevel();
  json["post_processor"] = {{"type", "TemplateProcessing"},
                            {"single",
                             {{{"SpecialToken", {{"id", "<l>"}}}},
                              {{"SpecialToken", {{"id", "<lr>"}}}},
                              {{"Sequence", {{"id", "A"}}}}}}};
  const std::string text = json.dump();
  const auto refused = ReadHfTokenizer(
      {.folder = "f", .tokenizer_json = text, .tokenizer_config = {}, .chat_template = {}});
  EXPECT_ERROR(refused, Code::kUnsupported, "post_processor.single is \"<l><lr>\"");
  ASSERT_OK_AND_ASSIGN(const auto read, ReadHfTokenizer({.folder = "f",
                                                         .tokenizer_json = text,
                                                         .tokenizer_config = {},
                                                         .chat_template = "<l><lr>{{ x }}"}));
  EXPECT_FALSE(read.add_bos);
  json["post_processor"]["single"][0]["SpecialToken"]["id"] = "<none>";
  EXPECT_EQ(Refused(json).code, Code::kMalformed);
}

}  // namespace
}  // namespace ledge
