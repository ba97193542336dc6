// Text without special tokens to ids, for each kind of tokenizer. Objects are for one text and one
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/merger.h"
#include "tokenizer/table_view.h"
#include "tokenizer/word_cache.h"

namespace ledge {

// Byte-level BPE: words by the pre-tokenizer, bytes by the alphabet, merges by rank. A byte that
// has no token is left out, as in other implementations, unless it belongs to no valid character:
// then it is encoded as U+FFFD.
class BpeEncoder {
 public:
  // `text` holds every fragment to come; both references must outlive the encoder.
  BpeEncoder(const TableView& tables, std::string_view text, std::vector<Token>& out);
  void Encode(std::string_view fragment);
  void operator()(std::string_view word);  // one word; for ForEachWord

 private:
  bool AppendWholeWord(std::string_view word);
  void AppendSymbols(std::string_view word);

  const TableView& tables_;
  std::vector<Token>& out_;
  WordCache cache_;
  Merger merger_;
  bool has_all_bytes_;
  std::vector<uint32_t> symbols_;
  std::string spelled_;
};

// BPE that merges by rank as byte-level BPE does, but characters instead of bytes
// (PreTokenizer::spelling). What no token stands for falls back to byte tokens, and a byte without
// one is left out, as in other implementations.
class RawBpeEncoder {
 public:
  RawBpeEncoder(const TableView& tables, std::vector<Token>& out);
  void Encode(std::string_view fragment);
  void operator()(std::string_view word);  // one word; for ForEachWord

 private:
  uint32_t Symbol(std::string_view character, char32_t rune) const;
  void AppendBytes(std::string_view bytes);

  const TableView& tables_;
  std::vector<Token>& out_;
  Merger merger_;
  std::vector<uint32_t> symbols_;
};

// SentencePiece BPE: spaces become U+2581, one may be put in front, characters merge by score; what
// no token stands for falls back to byte tokens, or to the unknown token where the vocabulary has
// none.
class SpmEncoder {
 public:
  SpmEncoder(const TableView& tables, std::string_view text, std::vector<Token>& out);
  // `prefix`: as if a space stood in front.
  void Encode(std::string_view fragment, bool prefix);

 private:
  size_t WordEnd(std::string_view text) const;
  void EncodeWord(std::string_view word, bool prefix);
  uint32_t Symbol(std::string_view character, char32_t rune) const;
  void AppendBytes(std::string_view bytes);

  const TableView& tables_;
  std::vector<Token>& out_;
  WordCache cache_;
  Merger merger_;
  std::vector<uint32_t> symbols_;
};

// Unigram (Kudo 2018, arXiv 1804.10959, as SentencePiece encodes with it): the text is normalised
// by the character map, spaces become U+2581 and are put in front or joined as the model asks, and
// of all ways to cut it into tokens the most likely is taken. Characters that no token has become
// the unknown token, several in a row one.
class UnigramEncoder {
 public:
  UnigramEncoder(const TableView& tables, std::vector<Token>& out);
  // `prefix`: as if a space stood in front.
  void Encode(std::string_view fragment, bool prefix);

 private:
  struct Best {
    double score;
    uint32_t from;  // where the last token begins
    Token token;
  };

  void Add(std::string_view character, char32_t rune);
  size_t SpacesBefore() const;
  void StartWord();
  void FinishWord();
  void JoinUnknowns(size_t first);

  const TableView& tables_;
  std::vector<Token>& out_;
  float unknown_score_;
  bool after_unknown_ = false;
  size_t spaces_ = 0;  // read, with nothing behind them yet
  bool at_begin_ = true;
  bool prefix_ = false;
  std::string word_;
  std::vector<Best> best_;
};

// A longer word is unknown, as in BERT's own implementation; it bounds the search for pieces.
inline constexpr size_t kMaxWordPieceCharacters = 100;

// WordPiece (Schuster and Nakajima 2012, as BERT uses it): words at white space, signs and
// ideographs apart, accents and capitals removed where the model asks, and from the left the
// longest piece that is a token. A word that has no such pieces is the unknown token. Source:
// BERT's published tokenizer; GGUF writes U+2581 before a word's first piece and nothing for "##".
class WordPieceEncoder {
 public:
  WordPieceEncoder(const TableView& tables, std::vector<Token>& out);
  void Encode(std::string_view fragment);

 private:
  void AddRune(char32_t rune);
  void FinishWord();

  const TableView& tables_;
  std::vector<Token>& out_;
  std::string word_;
  size_t characters_ = 0;  // of the word, also those beyond the limit
};

}  // namespace ledge
