// Vocabularies for tests: two small ones made here, and those of GGUF files.
#pragma once

#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "gguf/gguf.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/tables.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/vocab.h"

namespace ledge::testing {

// A Vocab with the texts that its views point to.
struct OwnedVocab {
  Vocab vocab;
  std::shared_ptr<std::deque<std::string>> texts = std::make_shared<std::deque<std::string>>();

  std::string_view Keep(std::string text) { return texts->emplace_back(std::move(text)); }
  Token Add(std::string text, TokenType type = TokenType::kNormal, float score = 0) {
    vocab.texts.push_back(Keep(std::move(text)));
    vocab.types.push_back(type);
    vocab.scores.push_back(score);
    vocab.ends_generation.push_back(false);
    return static_cast<Token>(vocab.texts.size() - 1);
  }
  void Merge(std::string merge) { vocab.merges.push_back(Keep(std::move(merge))); }
};

// SPM: <unk> <s> </s>, 256 byte tokens, some letters and words, <|im_end|> (control), <tool>
// (user-defined).
inline OwnedVocab SmallSpm() {
  OwnedVocab made;
  made.vocab.file = "small-spm";
  made.vocab.kind = TokenizerKind::kSpm;
  made.vocab.Special(SpecialToken::kUnk) = made.Add("<unk>", TokenType::kUnknown);
  made.vocab.Special(SpecialToken::kBos) = made.Add("<s>", TokenType::kControl);
  made.vocab.Special(SpecialToken::kEos) = made.Add("</s>", TokenType::kControl);
  for (int byte = 0; byte < 256; ++byte)
    made.Add(fmt::format("<0x{:02X}>", byte), TokenType::kByte);
  float score = 0;
  for (const char* text : {"\u2581h", "el", "lo", "he", "ll", "\u2581\u2581", "\u2581he", "hell",
                           "ello", "\u2581hello", "\u00e9t\u00e9", "ab", "aa", "aaaa", "\u2581a"}) {
    made.Add(text, TokenType::kNormal, score -= 1);
  }
  for (const char* text :
       {"\u2581", "h", "e", "l", "o", "a", "b", "t", "\u00e9", "<", ">", "s", "/"}) {
    made.Add(text, TokenType::kNormal, score -= 1);
  }
  made.Add("<|im_end|>", TokenType::kControl);
  made.Add("<tool>", TokenType::kUserDefined);
  made.vocab.add_bos = true;
  made.vocab.add_space_prefix = true;
  MarkEndOfGeneration(made.vocab);
  return made;
}

// Byte-level BPE with the whole alphabet, some merges, and the same special tokens.
inline OwnedVocab SmallBpe(std::string pre = "gpt-2") {
  OwnedVocab made;
  made.vocab.file = "small-bpe";
  made.vocab.kind = TokenizerKind::kBpe;
  made.vocab.pre = std::move(pre);
  for (int byte = 0; byte < 256; ++byte) {
    std::string text;
    Utf8Append(text, RuneOfByte(static_cast<uint8_t>(byte)));
    made.Add(std::move(text));
  }
  for (const auto& [left, right] : {std::pair{"h", "e"},
                                    {"l", "l"},
                                    {"he", "ll"},
                                    {"hell", "o"},
                                    {"\u0120", "hello"},
                                    {"a", "a"},
                                    {"aa", "aa"},
                                    {"\u0120", "\u0120"},
                                    {"1", "2"}}) {
    made.Add(std::string(left) + right);
    made.Merge(std::string(left) + " " + right);
  }
  made.vocab.Special(SpecialToken::kBos) = made.Add("<s>", TokenType::kControl);
  made.vocab.Special(SpecialToken::kEos) = made.Add("</s>", TokenType::kControl);
  made.Add("<|im_end|>", TokenType::kControl);
  made.Add("<tool>", TokenType::kUserDefined);
  MarkEndOfGeneration(made.vocab);
  return made;
}

// The texts as a model file has them.
inline std::vector<std::byte> TextArray(const Vocab& vocab) {
  std::string array;
  for (const std::string_view text : vocab.texts) {
    const uint64_t bytes = text.size();
    array.append(reinterpret_cast<const char*>(&bytes), sizeof(bytes)).append(text);
  }
  const auto bytes = std::as_bytes(std::span(array));
  return {bytes.begin(), bytes.end()};
}

// A tokenizer with the tables and texts that it looks into.
struct BuiltTokenizer {
  std::vector<std::byte> tables;
  std::vector<std::byte> texts;
  Tokenizer tokenizer;
};

inline Result<BuiltTokenizer> MakeTokenizer(const Vocab& vocab) {
  LEDGE_TRY(auto tables, BuildTables(vocab));
  std::vector<std::byte> texts = TextArray(vocab);
  LEDGE_TRY(auto tokenizer, Tokenizer::Open(tables, texts));
  return BuiltTokenizer{std::move(tables), std::move(texts), tokenizer};
}

// Of a GGUF file; only its beginning is read.
inline Result<BuiltTokenizer> LoadTokenizer(const std::string& path,
                                            size_t header_bytes = 64 << 20) {
  std::vector<char> raw(std::min<size_t>(header_bytes, std::filesystem::file_size(path)));
  std::ifstream(path, std::ios::binary).read(raw.data(), static_cast<std::streamsize>(raw.size()));
  LEDGE_TRY(const auto header, GgufHeader::Parse(std::as_bytes(std::span(raw)),
                                                 std::filesystem::file_size(path), path));
  LEDGE_TRY(const auto vocab, ReadVocab(header));
  return MakeTokenizer(vocab);
}

inline std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace ledge::testing
