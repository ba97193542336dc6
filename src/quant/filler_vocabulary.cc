#include "quant/filler_vocabulary.h"

#include <fmt/format.h>

#include <utility>

namespace ledge {
namespace {

// GGUF's token types.
constexpr int32_t kNormal = 1;
constexpr int32_t kUnknown = 2;
constexpr int32_t kControl = 3;
constexpr int32_t kByte = 6;

// The word behind `word`: counting with letters for digits.
void Advance(std::string& word) {
  for (size_t i = word.size(); i-- > 0;) {
    if (word[i] != 'z') {
      ++word[i];
      return;
    }
    word[i] = 'a';
  }
  word.insert(word.begin(), 'a');
}

}  // namespace

FillerVocabulary MakeFillerVocabulary(uint32_t size) {
  FillerVocabulary made;
  const auto add = [&](std::string token, int32_t type) {
    // Earlier tokens are preferred, as in trained vocabularies.
    made.scores.push_back(type == kNormal ? -static_cast<float>(made.tokens.size()) : 0.0F);
    made.tokens.push_back(std::move(token));
    made.types.push_back(type);
  };
  add("<unk>", kUnknown);
  add("<s>", kControl);
  add("</s>", kControl);
  for (unsigned byte = 0; byte < 256; ++byte) add(fmt::format("<0x{:02X}>", byte), kByte);
  add("\xE2\x96\x81", kNormal);  // U+2581 stands for a space
  for (char c = '!'; c <= '~'; ++c) add(std::string(1, c), kNormal);
  for (std::string word = "aa"; made.tokens.size() < size; Advance(word)) add(word, kNormal);
  return made;
}

}  // namespace ledge
