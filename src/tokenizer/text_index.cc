#include "tokenizer/text_index.h"

namespace ledge {

uint64_t SlotsFor(uint64_t entries) { return entries + entries / 3 + 8; }

Result<TextIndex> TextIndex::Build(const Vocab& vocab) {
  TextIndex index(vocab);
  index.slots_.assign(SlotsFor(vocab.texts.size()), 0);
  const uint64_t slots = index.slots_.size();
  for (size_t i = 0; i < vocab.texts.size(); ++i) {
    const std::string_view text = vocab.texts[i];
    if (text.empty()) continue;  // reachable by its id alone
    uint64_t at = FirstSlot(FinishHash(TextHash(text)), slots);
    for (uint32_t probe = 0; index.slots_[at] != 0; ++probe, at = NextSlot(at, slots)) {
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
  const uint64_t slots = slots_.size();
  for (uint64_t at = FirstSlot(FinishHash(hash), slots); slots_[at] != 0;
       at = NextSlot(at, slots)) {
    if (vocab_->texts[slots_[at] - 1] == text) return static_cast<Token>(slots_[at] - 1);
  }
  return kNoToken;
}

}  // namespace ledge
