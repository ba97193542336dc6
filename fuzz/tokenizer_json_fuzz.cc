// tokenizer.json as hostile input: whatever is accepted must be a vocabulary, or be refused as one.
//
// Bytes up to the first zero are tokenizer.json, the rest is tokenizer_config.json.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "gguf/gguf_writer.h"
#include "tokenizer/hf_json.h"
#include "tokenizer/tables.h"
#include "tokenizer/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t zero = all.find('\0');
  ledge::HfTokenizerFiles files;
  files.folder = "fuzz";
  files.tokenizer_json = all.substr(0, zero);
  if (zero != std::string_view::npos) files.tokenizer_config = all.substr(zero + 1);
  const auto read = ledge::ReadHfTokenizer(files);
  if (!read.ok()) return 0;
  std::vector<std::byte> header;
  ledge::GgufWriter writer([&](std::span<const std::byte> bytes) -> ledge::Result<void> {
    header.insert(header.end(), bytes.begin(), bytes.end());
    return {};
  });
  ledge::AddTokenizer(*read, writer);
  if (!writer.Begin().ok() || !writer.Finish().ok()) return 0;
  const auto parsed = ledge::GgufHeader::Parse(header, header.size(), "fuzz");
  if (!parsed.ok()) return 0;
  const auto vocab = ledge::ReadVocab(*parsed);
  if (!vocab.ok()) return 0;
  const auto tables = ledge::BuildTables(*vocab);
  if (!tables.ok()) return 0;
  const auto tokenizer = ledge::Tokenizer::Open(*tables, ledge::TokenTextsOf(*parsed));
  if (!tokenizer.ok()) std::abort();
  for (const bool special : {false, true}) {
    const auto ids = tokenizer->Encode("  ab <s> e\u0301\n<x>\xFF ", {.parse_special = special});
    if (!ids.ok() || !tokenizer->Decode(*ids).ok()) std::abort();
  }
  return 0;
}
