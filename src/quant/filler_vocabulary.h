// A vocabulary of any size that a SentencePiece tokenizer takes: for models with random weights.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ledge {

inline constexpr uint32_t kMinFillerVocabulary = 512;

// Parallel arrays, as GGUF's tokenizer.ggml.tokens, .scores and .token_type have them.
struct FillerVocabulary {
  std::vector<std::string> tokens;
  std::vector<float> scores;
  std::vector<int32_t> types;
};

// <unk>, <s>, </s>, the 256 bytes, the visible ASCII characters, the space mark, and then words of
// lower case letters, shortest first. `size` is at least kMinFillerVocabulary.
FillerVocabulary MakeFillerVocabulary(uint32_t size);

}  // namespace ledge
