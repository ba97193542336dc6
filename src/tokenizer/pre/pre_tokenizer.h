// Pre-tokenizers: how byte-level BPE cuts a text into words before it merges inside each of them.
//
// A pre-tokenizer is a chain of steps. Each step stands for one regular expression of the model's
// tokenizer.json, written by hand: it looks at the front of a text and says how long its first
// piece is, where pieces are the matches and the gaps between them. The next step cuts each piece
// on its own, seeing nothing around it. A step looks only ahead and only inside its piece, so a
// text is cut in linear time.
//
// To add one: a file in this folder that defines a `const PreTokenizer`, and its two lines in
// table.cc.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ledge {

// Bytes of the first piece of `text`; 1 to text.size(). `text` is not empty.
using WordStep = size_t (*)(std::string_view text);

// How a vocabulary spells what a token stands for.
enum class Spelling {
  kByteAlphabet,  // each byte as a printable character (byte_alphabet.h)
  kMarkedSpaces,  // UTF-8 with U+2581 for spaces; other bytes have tokens like <0x0A>
  kPlain,         // UTF-8; white space is dropped
};

struct PreTokenizer {
  std::span<const std::string_view> names;  // values of `tokenizer.ggml.pre`, the main one first
  std::span<const WordStep> steps;
  bool whole_words = false;  // a word that is a token is taken as it is, without merging
  Spelling spelling = Spelling::kByteAlphabet;
  bool whole_breaks = false;  // kMarkedSpaces: whole_words for runs of line breaks alone
  bool adds_bos = false;      // what holds where the metadata is silent about add_bos_token
};

// All that are built in.
std::span<const PreTokenizer* const> AllPreTokenizers();
// By any of its names; nullptr if there is none.
const PreTokenizer* FindPreTokenizer(std::string_view name);
// For messages, the main names: "default, gpt-2, ...".
std::string PreTokenizerNames();

// Calls sink(word) for each word of `text`, in order; the words together are the text.
template <typename Sink>
void ForEachWord(std::span<const WordStep> steps, std::string_view text, Sink& sink) {
  if (steps.empty()) {
    sink(text);
    return;
  }
  while (!text.empty()) {
    const size_t length = steps.front()(text);
    ForEachWord(steps.subspan(1), text.substr(0, length), sink);
    text.remove_prefix(length);
  }
}

}  // namespace ledge
