// ReadVocab against headers that lie.
#include "tokenizer/vocab.h"

#include <gtest/gtest.h>

#include <limits>

#include "testing/gguf_builder.h"
#include "testing/result_matchers.h"
#include "tokenizer/vocab_notes.h"

namespace ledge {
namespace {

using testing::GgufBuilder;

constexpr auto kNormal = static_cast<int32_t>(TokenType::kNormal);
constexpr auto kControl = static_cast<int32_t>(TokenType::kControl);
constexpr auto kUnknown = static_cast<int32_t>(TokenType::kUnknown);
constexpr auto kByte = static_cast<int32_t>(TokenType::kByte);

struct Case {
  std::string model = "llama";
  std::string pre;
  std::vector<std::string> tokens = {"<unk>", "<s>", "</s>", "a"};
  std::vector<float> scores = {0, 0, 0, -1};
  std::vector<int32_t> types = {kUnknown, kControl, kControl, kNormal};
  std::vector<std::string> merges;
  GgufBuilder builder;

  Result<Vocab> Read() {
    builder.String("tokenizer.ggml.model", model);
    if (!pre.empty()) builder.String("tokenizer.ggml.pre", pre);
    builder.Strings("tokenizer.ggml.tokens", tokens);
    if (!scores.empty()) builder.Numbers("tokenizer.ggml.scores", scores);
    if (!types.empty()) builder.Numbers("tokenizer.ggml.token_type", types);
    if (!merges.empty()) builder.Strings("tokenizer.ggml.merges", merges);
    bytes = builder.Build();
    LEDGE_TRY(const auto header, GgufHeader::Parse(bytes, bytes.size(), "test.gguf"));
    return ReadVocab(header);
  }
  std::vector<std::byte> bytes;
};

Case Bpe() {
  Case c;
  c.model = "gpt2";
  c.pre = "gpt-2";
  c.tokens = {"a", "b", "ab", "<|endoftext|>"};
  c.types = {kNormal, kNormal, kNormal, kControl};
  c.scores.clear();
  c.merges = {"a b"};
  return c;
}

TEST(ReadVocab, TakesSentencePieceDefaultsWhereTheMetadataIsSilent) {
  Case c;
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, c.Read());
  EXPECT_EQ(vocab.kind, TokenizerKind::kSpm);
  EXPECT_EQ(vocab.Special(SpecialToken::kUnk), 0);
  EXPECT_EQ(vocab.Special(SpecialToken::kBos), 1);
  EXPECT_EQ(vocab.Special(SpecialToken::kEos), 2);
  EXPECT_TRUE(vocab.add_bos);
  EXPECT_FALSE(vocab.add_eos);
  EXPECT_TRUE(vocab.add_space_prefix);
}

TEST(ReadVocab, TakesNoDefaultIdWhoseTokenHasAnotherRole) {
  Case c;
  c.tokens = {"a", "b", "c", "d"};
  c.types = {kNormal, kNormal, kNormal, kNormal};
  EXPECT_ERROR(c.Read(), Code::kMalformed, "bos_token_id is missing");
}

TEST(ReadVocab, ByteLevelModelsAddNothingByDefault) {
  Case c = Bpe();
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, c.Read());
  EXPECT_FALSE(vocab.add_bos);
  EXPECT_FALSE(vocab.add_space_prefix);
  EXPECT_EQ(vocab.Special(SpecialToken::kBos), kNoToken);
}

TEST(ReadVocab, Llama3AddsBosByDefault) {
  Case c = Bpe();
  c.pre = "llama-bpe";
  c.builder.Number<uint32_t>("tokenizer.ggml.bos_token_id", 3);
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, c.Read());
  EXPECT_TRUE(vocab.add_bos);
}

TEST(ReadVocab, MetadataWinsOverDefaults) {
  Case c;
  c.builder.Bool("tokenizer.ggml.add_bos_token", 0)
      .Bool("tokenizer.ggml.add_eos_token", 1)
      .Bool("tokenizer.ggml.add_space_prefix", 0)
      .Number<uint32_t>("tokenizer.ggml.eos_token_id", 1);
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, c.Read());
  EXPECT_FALSE(vocab.add_bos);
  EXPECT_TRUE(vocab.add_eos);
  EXPECT_FALSE(vocab.add_space_prefix);
  EXPECT_EQ(vocab.Special(SpecialToken::kEos), 1);
}

TEST(ReadVocab, MissingPreTokenizerIsTheDefaultOne) {
  Case c = Bpe();
  c.pre.clear();
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, c.Read());
  EXPECT_EQ(vocab.pre, "default");
  for (const bool missing : {true, false}) {
    GgufBuilder builder;
    builder.String("tokenizer.ggml.model", "gpt2");
    if (!missing) builder.String("tokenizer.ggml.pre", "default");
    const auto bytes = builder.Build();
    ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(bytes, bytes.size(), "test.gguf"));
    EXPECT_EQ(GuessOfPreTokenizer(header).has_value(), missing);
  }
}

TEST(ReadVocab, RefusesUnknownModelAndSaysWhichAreSupported) {
  Case c;
  c.model = "rwkv\x1b[31m";
  const auto vocab = c.Read();
  EXPECT_ERROR(vocab, Code::kUnsupported, "supported are \"llama\", \"gpt2\", \"gemma4\"");
  EXPECT_ERROR(vocab, Code::kUnsupported, "test.gguf: tokenizer.ggml.model is \"rwkv");
}

TEST(ReadVocab, RefusesUnknownPreTokenizerAndSaysWhichAreSupported) {
  Case c = Bpe();
  c.pre = "no-such-pre";
  const auto vocab = c.Read();
  EXPECT_ERROR(vocab, Code::kUnsupported, "\"no-such-pre\"; supported are default, gpt-2");
  EXPECT_ERROR(vocab, Code::kUnsupported, "smollm");
}

TEST(ReadVocab, RefusesMissingModel) {
  GgufBuilder builder;
  const auto bytes = builder.String("general.name", "x").Build();
  ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(bytes, bytes.size(), "test.gguf"));
  EXPECT_ERROR(ReadVocab(header), Code::kMalformed, "tokenizer.ggml.model");
}

TEST(ReadVocab, RefusesEmptyVocabulary) {
  Case c;
  c.tokens.clear();
  EXPECT_ERROR(c.Read(), Code::kMalformed, "empty");
}

TEST(ReadVocab, RefusesScoresShorterThanTokens) {
  Case c;
  c.scores.pop_back();
  EXPECT_ERROR(c.Read(), Code::kMalformed, "has 3 entries for 4 tokens");
}

TEST(ReadVocab, RefusesMissingScores) {
  Case c;
  c.scores.clear();
  EXPECT_ERROR(c.Read(), Code::kMalformed, "tokenizer.ggml.scores");
}

TEST(ReadVocab, RefusesScoresOfAnotherType) {
  Case c;
  c.scores.clear();
  c.builder.Numbers<uint8_t>("tokenizer.ggml.scores", {1, 2, 3, 4});
  EXPECT_ERROR(c.Read(), Code::kMalformed, "must be an array of f32 or i32");
}

TEST(ReadVocab, AcceptsWholeNumbersAsScores) {
  Case c;
  c.scores.clear();
  c.builder.Numbers<int32_t>("tokenizer.ggml.scores", {1, 2, 3, -4});
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, c.Read());
  EXPECT_EQ(vocab.scores[3], -4);
}

TEST(ReadVocab, RefusesScoresThatAreNoNumbers) {
  Case c;
  c.scores[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(c.Read(), Code::kMalformed, "tokenizer.ggml.scores [3] is not a number");
}

TEST(ReadVocab, RefusesTypesShorterThanTokens) {
  Case c;
  c.types.pop_back();
  EXPECT_ERROR(c.Read(), Code::kMalformed, "has 3 entries for 4 tokens");
}

TEST(ReadVocab, RefusesTypesOutOfRange) {
  for (const int32_t type : {-1, 7, std::numeric_limits<int32_t>::min()}) {
    Case c;
    c.types[3] = type;
    EXPECT_ERROR(c.Read(), Code::kMalformed, "must be 0 to 6");
  }
}

TEST(ReadVocab, RefusesByteTokensWithoutAByte) {
  for (const char* text : {"<0x", "<0xG0>", "a", "<0x0A>>", ""}) {
    Case c;
    c.tokens[3] = text;
    c.types[3] = kByte;
    EXPECT_ERROR(c.Read(), Code::kMalformed, "must be like <0x0A>");
  }
}

TEST(ReadVocab, RefusesSpecialIdsOutsideTheVocabulary) {
  for (const char* key :
       {"bos", "eos", "eot", "eom", "unknown", "padding", "seperator", "mask", "fim_pre", "fim_suf",
        "fim_mid", "fim_pad", "fim_rep", "fim_sep", "prefix"}) {
    for (const uint32_t id : {4U, 0xFFFFFFFFU}) {
      Case c;
      c.builder.Number(std::string("tokenizer.ggml.") + key + "_token_id", id);
      EXPECT_ERROR(c.Read(), Code::kMalformed, "must be below the vocabulary's size 4");
    }
  }
}

TEST(ReadVocab, RefusesNegativeSpecialIds) {
  Case c;
  c.builder.Number<int32_t>("tokenizer.ggml.bos_token_id", -1);
  EXPECT_ERROR(c.Read(), Code::kMalformed, "tokenizer.ggml.bos_token_id");
}

TEST(ReadVocab, RefusesToAddATokenThatIsNotThere) {
  Case bos = Bpe();
  bos.builder.Bool("tokenizer.ggml.add_bos_token", 1);
  EXPECT_ERROR(bos.Read(), Code::kMalformed, "bos_token_id is missing");
  Case eos = Bpe();
  eos.builder.Bool("tokenizer.ggml.add_eos_token", 1);
  EXPECT_ERROR(eos.Read(), Code::kMalformed, "eos_token_id is missing");
}

TEST(ReadVocab, RefusesFlagsOfAnotherType) {
  Case c;
  c.builder.String("tokenizer.ggml.add_bos_token", "yes");
  EXPECT_ERROR(c.Read(), Code::kMalformed, "tokenizer.ggml.add_bos_token");
}

TEST(ReadVocab, RefusesMissingMerges) {
  Case c = Bpe();
  c.merges.clear();
  EXPECT_ERROR(c.Read(), Code::kMalformed, "tokenizer.ggml.merges");
}

TEST(ReadVocab, RefusesTooManyTokens) {
  Case c;
  c.tokens.assign(kMaxVocabTokens + 1, "a");
  EXPECT_ERROR(c.Read(), Code::kMalformed, "at most 1048576 are accepted");
}

TEST(ReadVocab, RefusesTokensThatAreTooLong) {
  Case c;
  c.tokens[3] = std::string(kMaxTokenBytes + 1, 'a');
  EXPECT_ERROR(c.Read(), Code::kMalformed, "[3] has 4097 bytes");
}

TEST(ReadVocab, RefusesTooMuchText) {
  Case c;
  c.tokens.assign(kMaxVocabBytes / kMaxTokenBytes + 1, std::string(kMaxTokenBytes, 'a'));
  c.types.assign(c.tokens.size(), kControl);
  c.types[0] = kUnknown;
  c.scores.assign(c.tokens.size(), 0);
  EXPECT_ERROR(c.Read(), Code::kMalformed, "bytes of text");
}

TEST(EndOfGeneration, HoldsWhatTheMetadataNamesAndWellKnownNames) {
  Case c = Bpe();
  c.tokens = {"a", "<|im_end|>", "<|endoftext|>", "<|im_start|>", "</s>", "x"};
  c.types = {kNormal, kNormal, kControl, kControl, kNormal, kControl};
  c.merges = {"a a"};
  c.builder.Number<uint32_t>("tokenizer.ggml.eos_token_id", 5);
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, c.Read());
  EXPECT_EQ(vocab.ends_generation, (std::vector<bool>{false, true, true, false, false, true}));
  EXPECT_EQ(vocab.types[1], TokenType::kControl) << "its name says so";
  EXPECT_EQ(vocab.types[4], TokenType::kNormal) << "closes HTML's strikethrough here";
  EXPECT_EQ(vocab.Special(SpecialToken::kEot), 1);
}

TEST(EndOfGeneration, LeavesTextAloneThatMergesMake) {
  Case c = Bpe();
  c.tokens = {"[E", "OS]", "[EOS]", "<EOT>"};
  c.types = {kNormal, kNormal, kNormal, kNormal};
  c.merges = {"[E OS]"};
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, c.Read());
  EXPECT_EQ(vocab.ends_generation, (std::vector<bool>{false, false, false, true}));
  EXPECT_EQ(vocab.types[2], TokenType::kNormal);
}

TEST(EndOfGeneration, LetsChannelsEnd) {
  Case c = Bpe();
  c.tokens = {"<|end|>", "<|return|>", "<|call|>", "a"};
  c.types = {kControl, kControl, kControl, kNormal};
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, c.Read());
  EXPECT_EQ(vocab.ends_generation, (std::vector<bool>{false, true, true, false}));
}

}  // namespace
}  // namespace ledge
