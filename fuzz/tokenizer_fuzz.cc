// The tokenizer against hostile tables and hostile text.
//
// The first byte chooses: 0 takes the rest as a block of tables over the texts of a small
// vocabulary (or, behind the bytes that the block says it has, texts of its own) and encodes a
// fixed text with it if it opens; anything else takes the rest as text, encodes it with small
// vocabularies of both kinds and expects it back.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "testing/tokenizers.h"

namespace {

using ledge::Tokenizer;
using ledge::testing::BuiltTokenizer;

const std::vector<BuiltTokenizer>& Small() {
  static const auto* const built = [] {
    auto* all = new std::vector<BuiltTokenizer>;
    for (const auto& made :
         {ledge::testing::SmallSpm(), ledge::testing::SmallBpe("gpt-2"),
          ledge::testing::SmallBpe("smollm"), ledge::testing::SmallBpe("llama-bpe"),
          ledge::testing::SmallBpe("default"), ledge::testing::SmallBpe("deepseek-llm"),
          ledge::testing::SmallBpe("deepseek-v3"), ledge::testing::SmallBpe("gpt-4o"),
          ledge::testing::SmallBpe("tiny_aya"), ledge::testing::SmallBpe("bloom")}) {
      all->push_back(ledge::testing::MakeTokenizer(made.vocab).value());
    }
    return all;
  }();
  return *built;
}

void Check(bool good) {
  if (!good) std::abort();
}

void UseTokenizer(const ledge::Result<Tokenizer>& tokenizer) {
  if (!tokenizer.ok()) return;
  const std::string text = "hello <tool></s> h\u00e9llo\xFF aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 12";
  for (const bool special : {false, true}) {
    const auto ids = tokenizer->Encode(text, {.add_special = special, .parse_special = special});
    Check(ids.ok());
    Check(tokenizer->Decode(*ids, {.show_special = special}).ok());
  }
}

void UseTables(const uint8_t* data, size_t size) {
  std::vector<std::byte> block(size);  // aligned as a mapping is
  if (size > 0) std::memcpy(block.data(), data, size);
  for (const BuiltTokenizer& built : Small()) UseTokenizer(Tokenizer::Open(block, built.texts));
  if (size < sizeof(ledge::TablesHeader)) return;
  ledge::TablesHeader header;
  std::memcpy(&header, block.data(), sizeof(header));
  if (header.bytes > size) return;
  UseTokenizer(Tokenizer::Open(block, std::span(block).subspan(header.bytes)));
}

void UseText(const std::string& text) {
  for (const BuiltTokenizer& built : Small()) {
    const Tokenizer& tokenizer = built.tokenizer;
    for (const bool special : {false, true}) {
      const auto ids = tokenizer.Encode(text, {.add_special = special, .parse_special = special});
      Check(ids.ok());
      const auto back = tokenizer.Decode(*ids, {.show_special = special, .remove_added = special});
      Check(back.ok());
      // SentencePiece can't tell U+2581 from a space.
      const bool spm = tokenizer.kind() == ledge::TokenizerKind::kSpm;
      Check(*back == text || (spm && text.find("\u2581") != std::string::npos));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  if (data[0] == 0) {
    UseTables(data + 1, size - 1);
  } else {
    UseText(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  }
  return 0;
}
