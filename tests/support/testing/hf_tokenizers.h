// A tokenizer from the text of a tokenizer.json, through the bytes of a GGUF header, as an import
// does it.
#pragma once

#include <string_view>
#include <vector>

#include "gguf/gguf_writer.h"
#include "testing/tokenizers.h"
#include "tokenizer/hf_json.h"

namespace ledge::testing {

inline Result<BuiltTokenizer> BuildHfTokenizer(const HfTokenizer& read) {
  std::vector<std::byte> file;
  GgufWriter writer([&](std::span<const std::byte> bytes) -> Result<void> {
    file.insert(file.end(), bytes.begin(), bytes.end());
    return {};
  });
  writer.AddString("general.architecture", "llama");
  AddTokenizer(read, writer);
  LEDGE_CHECK_OK(writer.Begin());
  LEDGE_CHECK_OK(writer.Finish());
  LEDGE_TRY(const auto header, GgufHeader::Parse(file, file.size(), "made"));
  LEDGE_TRY(const auto vocab, ReadVocab(header));
  return MakeTokenizer(vocab);
}

inline Result<BuiltTokenizer> BuildHfTokenizer(std::string_view tokenizer_json) {
  LEDGE_TRY(const auto read, ReadHfTokenizer({.folder = "f",
                                              .tokenizer_json = tokenizer_json,
                                              .tokenizer_config = {},
                                              .chat_template = {}}));
  return BuildHfTokenizer(read);
}

}  // namespace ledge::testing
