#include "tokenizer/text_index.h"

#include <algorithm>
#include <bit>

namespace ledge {

uint64_t SlotsFor(uint64_t entries) {
  return std::bit_ceil(std::max<uint64_t>(8, entries + entries / 2));
}

Result<TextIndex> TextIndex::Build(const Vocab& vocab) {
  TextIndex index(vocab);
  index.slots_.assign(SlotsFor(vocab.texts.size()), 0);
  const uint64_t mask = index.slots_.size() - 1;
  for (size_t i = 0; i < vocab.texts.size(); ++i) {
    const std::string_view text = vocab.texts[i];
    if (text.empty()) continue;  // reachable by its id alone
    uint64_t at = FinishHash(TextHash(text)) & mask;
    for (uint32_t probe = 0; index.slots_[at] != 0; ++probe, at = (at + 1) & mask) {
      const uint32_t other = index.slots_[at] - 1;
      if (vocab.texts[other] == text) {
        return MakeError(
            Code::kMalformed,
            "{}: tokenizer.ggml.tokens[{}] and [{}] are both \"{}\"; each text must be one "
            "token's",
            vocab.file, other, i, PrintableLine(text, 60));
      }
      if (probe + 1 == kMaxProbes) {
        return MakeError(
            Code::kMalformed,
            "{}: tokenizer.ggml.tokens collide in the hash table at [{}]; such texts don't "
            "occur by chance",
            vocab.file, i);
      }
    }
    index.slots_[at] = static_cast<uint32_t>(i + 1);
  }
  return index;
}

Token TextIndex::Find(std::string_view text, uint64_t hash) const {
  const uint64_t mask = slots_.size() - 1;
  for (uint64_t at = FinishHash(hash) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    if (vocab_->texts[slots_[at] - 1] == text) return static_cast<Token>(slots_[at] - 1);
  }
  return kNoToken;
}

}  // namespace ledge
