// What a vocabulary does to a text beyond the keys tokenizer.ggml.*: normalisation, spaces, and
// white space beside tokens. Only for vocab.cc and hf_gguf.cc.
//
// The keys, of which any may be absent:
//   tokenizer.ledge.normalizer    string     "none", "nfc", "nfd", "nfkc" or "nfkd"
//   tokenizer.ledge.spaces        string[]   names of SpaceRules' fields that hold
//   tokenizer.ledge.lstrip        u32[]      tokens that take white space in front along
//   tokenizer.ledge.rstrip        u32[]      the same behind
// Without lstrip and rstrip, the models' names and pre-tokenizers tell, as llama.cpp reads them;
// without normalizer, the pre-tokenizer's name does, for those whose every model has one.
#pragma once

#include <string_view>

#include "base/result.h"
#include "tokenizer/vocab.h"

namespace ledge {

inline constexpr std::string_view kNormalizerKey = "tokenizer.ledge.normalizer";
inline constexpr std::string_view kSpacesKey = "tokenizer.ledge.spaces";
inline constexpr std::string_view kLeftStripKey = "tokenizer.ledge.lstrip";
inline constexpr std::string_view kRightStripKey = "tokenizer.ledge.rstrip";

// After kind, pre, texts and types are read. kMalformed for keys of another type or tokens out of
// range, kUnsupported for a form or rule that has no such name.
Result<void> ReadVocabRules(const GgufHeader& header, Vocab& vocab);

}  // namespace ledge
