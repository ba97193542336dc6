// A tokenizer as Hugging Face's `tokenizers` saves it, to the vocabulary that a GGUF file would
// have.
//
//   LEDGE_TRY(const auto read, ReadHfTokenizer({.folder = path, .tokenizer_json = text}));
//   AddTokenizer(read, writer);     // the keys tokenizer.ggml.* and tokenizer.chat_template
//
// Source: the JSON that `tokenizers` 0.13 to 0.21 writes (model, added_tokens, normalizer,
// pre_tokenizer, post_processor), `transformers`' tokenizer_config.json, and what llama.cpp's
// converter makes of them. Everything is read as hostile: bounded bytes, depth, tokens and merges.
// Nothing is guessed that would change tokens: a normalizer, pre-tokenizer or field that has no
// counterpart here is kUnsupported, by name. Two things are not as `tokenizers` does them: added
// tokens are found in the text as it is written, also those that it looks for in the normalised
// text; and a character map replaces the longest match at each place, as SentencePiece, which made
// it, does.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tokenizer/normal_form.h"
#include "tokenizer/space_rules.h"
#include "tokenizer/token.h"

namespace ledge {

class GgufWriter;

inline constexpr uint64_t kMaxTokenizerJsonBytes = 64 << 20;
inline constexpr uint64_t kMaxTokenizerConfigBytes = 4 << 20;
inline constexpr uint64_t kMaxChatTemplateBytes = 1 << 20;
inline constexpr int kMaxTokenizerJsonDepth = 64;

// Contents of files; an empty one is not there.
struct HfTokenizerFiles {
  std::string folder;               // how errors name it
  std::string_view tokenizer_json;  // needed
  std::string_view tokenizer_config;
  std::string_view chat_template;  // chat_template.jinja, before tokenizer_config's own
};

// Of an id that the file leaves out: nothing that text becomes.
inline constexpr float kUnusedTokenScore = -10000;

struct HfTokenizer {
  std::string model;                // tokenizer.ggml.model: "gpt2", "llama", "bert" or "t5"
  std::string pre;                  // tokenizer.ggml.pre
  std::vector<std::string> tokens;  // by id; an id that the file leaves out is "[PAD<id>]", unused
  std::vector<float> scores;        // one a token; "llama": merges in their order; "t5"
  std::vector<int32_t> types;       // TokenType, one a token
  std::vector<std::string> merges;  // "gpt2" only
  std::array<Token, kSpecialTokens> special{};  // kNoToken where there is none
  bool add_bos = false;
  bool add_eos = false;
  bool add_space_prefix = false;
  bool merge_spaces = false;  // "t5" only
  std::string charsmap;       // "t5" only: charsmap.h
  SpaceRules spaces;
  NormalForm normal_form = NormalForm::kNone;
  std::vector<uint32_t> strips_left;   // tokens that take white space in front along
  std::vector<uint32_t> strips_right;  // or behind
  bool lowercase = false;              // "bert" only
  bool strip_accents = false;          // "bert" only
  std::string chat_template;           // empty if there is none

  HfTokenizer() { special.fill(kNoToken); }
};

// kMalformed for contents that break the format or a limit, naming file and field; kUnsupported for
// a model, normalizer or pre-tokenizer that can't be expressed.
Result<HfTokenizer> ReadHfTokenizer(const HfTokenizerFiles& files);

// Before GgufWriter::Begin().
void AddTokenizer(const HfTokenizer& tokenizer, GgufWriter& writer);

}  // namespace ledge
