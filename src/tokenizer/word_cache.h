// Words that came earlier in the same text, and where their tokens are. Nothing is copied: an entry
// points into the text and into the tokens written so far. Bounded: a newer word takes an older
// one's place.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/table_format.h"

namespace ledge {

class WordCache {
 public:
  // `text` and `tokens` must outlive the cache; `tokens` may only grow.
  WordCache(std::string_view text, std::vector<Token>& tokens) : text_(text), tokens_(tokens) {}

  // Appends the tokens of `word`, a part of the text, if they are known.
  bool Append(std::string_view word) {
    if (word.size() > kMaxWord || entries_.empty()) return false;
    const Entry& entry = entries_[SlotOf(word)];
    if (text_.substr(entry.begin, entry.bytes) != word) return false;
    for (uint32_t i = 0; i < entry.count; ++i) tokens_.push_back(tokens_[entry.first + i]);
    return true;
  }
  // Remembers that the tokens from `first` on are the word's.
  void Put(std::string_view word, size_t first) {
    if (word.size() > kMaxWord || word.empty()) return;
    if (entries_.empty()) {
      if (text_.size() < kMinText) return;
      entries_.resize(kEntries);
    }
    entries_[SlotOf(word)] = {static_cast<uint32_t>(word.data() - text_.data()),
                              static_cast<uint32_t>(word.size()), static_cast<uint32_t>(first),
                              static_cast<uint32_t>(tokens_.size() - first)};
  }

 private:
  struct Entry {
    uint32_t begin = 0;
    uint32_t bytes = 0;  // 0: empty, and no word is
    uint32_t first = 0;
    uint32_t count = 0;
  };
  static constexpr size_t kEntries = 4096;
  static constexpr size_t kMaxWord = 64;
  static constexpr size_t kMinText = 1024;  // shorter texts have few words twice
  static size_t SlotOf(std::string_view word) { return FinishHash(TextHash(word)) % kEntries; }

  std::string_view text_;
  std::vector<Token>& tokens_;
  std::vector<Entry> entries_;
};

}  // namespace ledge
