#include "tokenizer/merge_table.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"

namespace ledge {
namespace {

Error Collide(const Vocab& vocab) {
  return MakeError(
      Code::kMalformed,
      "{}: the tokenizer has more than {} merges, or they collide; such a vocabulary is not "
      "accepted",
      vocab.file, kMaxMerges);
}

// Borders of a token's characters, and the hashes of all its beginnings and ends.
class Cuts {
 public:
  void Reset(std::string_view text) {
    borders_.clear();
    begins_.clear();
    ends_.assign(text.size() + 1, 0);
    uint64_t hash = 0;
    for (std::string_view rest = text; !rest.empty();) {
      const size_t from = text.size() - rest.size();
      Utf8Next(rest);
      const size_t to = text.size() - rest.size();
      for (size_t i = from; i < to; ++i) hash = HashAppend(hash, text[i]);
      borders_.push_back(to);
      begins_.push_back(hash);
    }
    uint64_t power = 1;
    for (size_t i = text.size(); i-- > 0; power *= kHashBase) {
      ends_[i] = HashAppend(0, text[i]) * power + ends_[i + 1];
    }
  }
  size_t characters() const { return borders_.size(); }
  size_t Border(size_t i) const { return borders_[i]; }      // behind character i
  uint64_t BeginHash(size_t i) const { return begins_[i]; }  // of what stands before Border(i)
  uint64_t EndHash(size_t i) const { return ends_[borders_[i]]; }  // of what stands behind it

 private:
  std::vector<size_t> borders_;
  std::vector<uint64_t> begins_;
  std::vector<uint64_t> ends_;
};

// The rank of each token: the place of its score among all different scores, the highest first.
std::vector<uint32_t> ScoreRanks(const std::vector<float>& scores) {
  std::vector<float> sorted = scores;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<uint32_t> ranks;
  ranks.reserve(scores.size());
  for (const float score : scores) {
    const auto place = std::lower_bound(sorted.begin(), sorted.end(), score, std::greater<>());
    ranks.push_back(static_cast<uint32_t>(place - sorted.begin()));
  }
  return ranks;
}

uint32_t SymbolOf(Token token) {
  return token == kNoToken ? kNoSymbol : static_cast<uint32_t>(token);
}

// Calls sink(left, right) for each way to cut the text into two symbols; false if sink said so.
template <typename Sink>
bool ForEachCut(const TextIndex& index, std::string_view text, Cuts& cuts, Sink sink) {
  cuts.Reset(text);
  const size_t n = cuts.characters();
  for (size_t i = 0; i + 1 < n; ++i) {
    const std::string_view begin = text.substr(0, cuts.Border(i));
    const std::string_view end = text.substr(cuts.Border(i));
    uint32_t left = SymbolOf(index.FindMergeable(begin, cuts.BeginHash(i)));
    if (left == kNoSymbol && i == 0) left = SpmSymbol(index, begin);
    if (left == kNoSymbol) continue;
    uint32_t right = SymbolOf(index.FindMergeable(end, cuts.EndHash(i)));
    if (right == kNoSymbol && i + 2 == n) right = SpmSymbol(index, end);
    if (right != kNoSymbol && !sink(left, right)) return false;
  }
  return true;
}

}  // namespace

MergeTable::MergeTable(uint64_t expected)
    : slots_(SlotsFor(std::min(expected, kMaxMerges)), PairSlot{kNoSymbol, 0, 0, 0}) {}

bool MergeTable::Add(const PairSlot& merge) {
  const uint64_t slots = slots_.size();
  uint64_t at = FirstSlot(PairHash(merge.left, merge.right), slots);
  for (uint32_t probe = 0; probe < kMaxProbes; ++probe, at = NextSlot(at, slots)) {
    PairSlot& slot = slots_[at];
    if (slot.left == merge.left && slot.right == merge.right) return true;
    if (slot.left != kNoSymbol) continue;
    if (++used_ > kMaxMerges) return false;
    slot = merge;
    return true;
  }
  return false;
}

uint32_t SpmSymbol(const TextIndex& index, std::string_view character) {
  const Token token = index.FindMergeable(character, TextHash(character));
  if (token != kNoToken) return static_cast<uint32_t>(token);
  const auto first = static_cast<unsigned char>(character[0]);
  const char32_t rune = Utf8Next(character);
  return rune == kInvalidRune ? kByteSymbol | first : kRuneSymbol | rune;
}

Result<MergeTable> BpeMerges(const Vocab& vocab, const TextIndex& index) {
  MergeTable table(vocab.merges.size());
  std::string joined;
  for (size_t i = 0; i < vocab.merges.size(); ++i) {
    const std::string_view merge = vocab.merges[i];
    const size_t space = merge.find(' ', 1);
    const auto wrong = [&](std::string_view problem) {
      return MakeError(Code::kMalformed, "{}[{}] (\"{}\") {}", vocab.Place("tokenizer.ggml.merges"),
                       i, PrintableLine(merge, 100), problem);
    };
    if (space == std::string_view::npos || space + 1 == merge.size()) {
      return wrong("must be two tokens with a space between them");
    }
    if (merge.size() > kMaxTokenBytes + 1) return wrong("is longer than any token may be");
    const std::string_view left_text = merge.substr(0, space);
    const std::string_view right_text = merge.substr(space + 1);
    joined.assign(left_text).append(right_text);
    const Token left = index.Find(left_text);
    const Token right = index.Find(right_text);
    const Token result = index.Find(joined);
    if (left == kNoToken || right == kNoToken || result == kNoToken) {
      return wrong("names a token that is not in the vocabulary; both parts and the whole must be");
    }
    if (!index.Mergeable(result)) continue;
    if (!table.Add({static_cast<uint32_t>(left), static_cast<uint32_t>(right),
                    static_cast<uint32_t>(i), static_cast<uint32_t>(result)})) {
      return Collide(vocab);
    }
  }
  return table;
}

Result<MergeTable> SpmMerges(const Vocab& vocab, const TextIndex& index) {
  const std::vector<uint32_t> ranks = ScoreRanks(vocab.scores);
  Cuts cuts;
  uint64_t count = 0;
  for (size_t i = 0; i < vocab.texts.size(); ++i) {
    if (!IsMergeable(vocab.types[i])) continue;
    const auto add = [&](uint32_t, uint32_t) { return ++count <= kMaxMerges; };
    if (!ForEachCut(index, vocab.texts[i], cuts, add)) return Collide(vocab);
  }
  MergeTable table(count);
  for (size_t i = 0; i < vocab.texts.size(); ++i) {
    if (!IsMergeable(vocab.types[i])) continue;
    const auto add = [&](uint32_t left, uint32_t right) {
      return table.Add({left, right, ranks[i], static_cast<uint32_t>(i)});
    };
    if (!ForEachCut(index, vocab.texts[i], cuts, add)) return Collide(vocab);
  }
  return table;
}

}  // namespace ledge
