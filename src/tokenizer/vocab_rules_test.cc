#include "tokenizer/vocab_rules.h"

#include <gtest/gtest.h>

#include <cstring>

#include "testing/gguf_builder.h"
#include "testing/result_matchers.h"
#include "testing/tokenizers.h"
#include "tokenizer/table_format.h"

namespace ledge {
namespace {

using testing::GgufBuilder;

// A byte-level vocabulary with a control, a user-defined and an unknown token.
struct Header {
  std::string pre = "gpt-2";
  std::string name;
  std::string architecture = "llama";
  std::vector<std::string> tokens = {"a", "<s>", "</s>", "<mask>", "<tool>", "<|end|>"};
  GgufBuilder builder;
  std::vector<std::byte> bytes;

  Result<Vocab> Read() {
    builder.String("general.architecture", architecture).String("general.name", name);
    builder.String("tokenizer.ggml.model", "gpt2").String("tokenizer.ggml.pre", pre);
    builder.Strings("tokenizer.ggml.tokens", tokens);
    builder.Numbers("tokenizer.ggml.token_type", std::vector<int32_t>{1, 3, 3, 3, 4, 3});
    builder.Strings("tokenizer.ggml.merges", {});
    bytes = builder.Build();
    LEDGE_TRY(const auto header, GgufHeader::Parse(bytes, bytes.size(), "test.gguf"));
    return ReadVocab(header);
  }
};

using Flags = std::vector<bool>;

TEST(VocabRules, AreNoneWhereNothingSaysSo) {
  Header h;
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, h.Read());
  EXPECT_EQ(vocab.normal_form, NormalForm::kNone);
  EXPECT_TRUE(vocab.strips_left.empty());
  EXPECT_TRUE(vocab.strips_right.empty());
  for (const SpaceRuleName& rule : kSpaceRuleNames) EXPECT_FALSE(vocab.spaces.*rule.rule);
}

TEST(VocabRules, AreReadFromTheirKeys) {
  Header h;
  h.builder.String(kNormalizerKey, "nfkd").Strings(kSpacesKey, {"keep_last_space"});
  h.builder.Numbers(kLeftStripKey, std::vector<uint32_t>{3})
      .Numbers(kRightStripKey, std::vector<uint32_t>{4, 5});
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, h.Read());
  EXPECT_EQ(vocab.normal_form, NormalForm::kNfkd);
  EXPECT_TRUE(vocab.spaces.keep_last_space);
  EXPECT_FALSE(vocab.spaces.split_each_space);
  EXPECT_EQ(vocab.strips_left, (Flags{false, false, false, true, false, false}));
  EXPECT_EQ(vocab.strips_right, (Flags{false, false, false, false, true, true}));
}

TEST(VocabRules, RefuseWhatTheyDontKnow) {
  Header form;
  form.builder.String(kNormalizerKey, "nfz\x1b");
  EXPECT_ERROR(form.Read(), Code::kUnsupported, "tokenizer.ledge.normalizer is \"nfz");
  Header rule;
  rule.builder.Strings(kSpacesKey, {"keep_last_space", "no_space"});
  EXPECT_ERROR(rule.Read(), Code::kUnsupported, "has \"no_space\" in it");
  Header range;
  range.builder.Numbers(kRightStripKey, std::vector<uint32_t>{6});
  EXPECT_ERROR(range.Read(), Code::kMalformed, "[0] is 6; must be below the vocabulary's size 6");
  Header type;
  type.builder.Numbers(kLeftStripKey, std::vector<int64_t>{-1});
  EXPECT_ERROR(type.Read(), Code::kMalformed, "tokenizer.ledge.lstrip");
  Header number;
  number.builder.Number<uint32_t>(kNormalizerKey, 1);
  EXPECT_ERROR(number.Read(), Code::kMalformed, "tokenizer.ledge.normalizer");
}

TEST(VocabRules, ComposeForQwenUnlessTheFileSaysOtherwise) {
  Header qwen;
  qwen.pre = "qwen2";
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, qwen.Read());
  EXPECT_EQ(vocab.normal_form, NormalForm::kNfc);
  Header other;  // the same words, but of models without a normalizer
  other.pre = "deepseek-r1-qwen";
  ASSERT_OK_AND_ASSIGN(const Vocab plain, other.Read());
  EXPECT_EQ(plain.normal_form, NormalForm::kNone);
  Header said;
  said.pre = "qwen2";
  said.builder.String(kNormalizerKey, "none");
  ASSERT_OK_AND_ASSIGN(const Vocab none, said.Read());
  EXPECT_EQ(none.normal_form, NormalForm::kNone);
}

TEST(VocabRules, PhiThreesTokensStripOnTheirRight) {
  Header h;
  h.name = "Phi-3 Mini";
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, h.Read());
  EXPECT_EQ(vocab.strips_right, (Flags{false, false, true, true, true, true}));
  EXPECT_TRUE(vocab.strips_left.empty());
  Header said;
  said.name = "Phi-3 Mini";
  said.builder.Numbers(kRightStripKey, std::vector<uint32_t>{});
  ASSERT_OK_AND_ASSIGN(const Vocab none, said.Read());
  EXPECT_TRUE(none.strips_right.empty());
}

TEST(VocabRules, MasksStripOnTheirLeft) {
  Header h;
  h.pre = "jina-v2-code";
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, h.Read());
  EXPECT_EQ(vocab.strips_left, (Flags{false, false, false, true, false, false}));
  Header lacks;
  lacks.pre = "jina-v2-code";
  lacks.tokens[3] = "<none>";
  EXPECT_OK(lacks.Read());
}

TEST(VocabRules, ReachTheTables) {
  auto made = testing::SmallBpe();
  made.vocab.normal_form = NormalForm::kNfd;
  made.vocab.strips_right.assign(made.vocab.texts.size(), false);
  const Token tool = static_cast<Token>(made.vocab.texts.size()) - 1;
  made.vocab.strips_right[static_cast<size_t>(tool)] = true;
  ASSERT_OK_AND_ASSIGN(const auto built, testing::MakeTokenizer(made.vocab));
  ASSERT_OK_AND_ASSIGN(const auto ids, built.tokenizer.Encode("<tool>  \u00e9"));
  EXPECT_EQ(ids, (std::vector<Token>{tool, 'e', 0xCC, 0x81}));
  // A form that doesn't exist.
  auto block = built.tables;
  TablesHeader header;
  std::memcpy(&header, block.data(), sizeof(header));
  header.flags |= 7U << kNormalFormShift;
  std::memcpy(block.data(), &header, sizeof(header));
  EXPECT_ERROR(Tokenizer::Open(block, built.texts), Code::kMalformed, "unknown flags");
}

}  // namespace
}  // namespace ledge
