#include <algorithm>
#include <limits>

#include "base/utf8.h"
#include "tokenizer/encoders.h"
#include "tokenizer/spm_text.h"

namespace ledge {
namespace {

constexpr std::string_view kUnknownText = "\uFFFD";
// An unknown character is so much worse than the worst token. Source: SentencePiece.
constexpr float kUnknownPenalty = 10;

}  // namespace

UnigramEncoder::UnigramEncoder(const TableView& tables, std::vector<Token>& out)
    : tables_(tables), out_(out), unknown_score_(std::numeric_limits<float>::max()) {
  for (uint32_t i = 0; i < tables.size(); ++i) {
    if (tables.Type(static_cast<Token>(i)) == TokenType::kNormal) {
      unknown_score_ = std::min(unknown_score_, tables.Score(static_cast<Token>(i)));
    }
  }
  unknown_score_ -= kUnknownPenalty;
}

void UnigramEncoder::Encode(std::string_view fragment) {
  after_unknown_ = false;
  word_.clear();
  const bool merge = tables_.Has(kFlagMergeSpaces);
  bool prefix = tables_.Has(kFlagAddSpacePrefix);
  bool inside = false;  // of what is no space
  const auto add = [&](std::string_view character) {
    if (character == " ") {
      inside = false;
      if (!merge) StartWord();
      return;
    }
    if (!std::exchange(inside, true) && (merge || prefix)) {
      StartWord();
      prefix = false;
    }
    word_ += character;
  };
  while (!fragment.empty()) {
    const Charsmap::Match match = tables_.charsmap().Find(fragment);
    if (match.bytes > 0) {
      fragment.remove_prefix(match.bytes);
      for (std::string_view rest = match.replacement; !rest.empty();) {
        const std::string_view before = rest;
        Utf8Next(rest);
        add(before.substr(0, before.size() - rest.size()));
      }
      continue;
    }
    const std::string_view before = fragment;
    const char32_t rune = Utf8Next(fragment);
    add(rune == kInvalidRune ? kUnknownText : before.substr(0, before.size() - fragment.size()));
  }
  FinishWord();
}

// A space: words begin with them where no token has one elsewhere.
void UnigramEncoder::StartWord() {
  const bool only_spaces = word_.ends_with(kSpmSpaceText);
  if (tables_.Has(kFlagWordsAtSpaces) && !only_spaces) FinishWord();
  word_ += kSpmSpaceText;
}

// The best way through the word: for each place the best last token that ends there.
void UnigramEncoder::FinishWord() {
  if (word_.empty()) return;
  const size_t size = word_.size();
  best_.assign(size + 1, {-std::numeric_limits<double>::infinity(), 0, kNoToken});
  best_[0].score = 0;
  const auto offer = [&](size_t from, size_t to, Token token, double score) {
    const double sum = best_[from].score + score;
    if (sum > best_[to].score) best_[to] = {sum, static_cast<uint32_t>(from), token};
  };
  const Token unknown = tables_.header().special[static_cast<size_t>(SpecialToken::kUnk)];
  for (size_t from = 0; from < size;) {
    const size_t character =
        std::max<size_t>(1, Utf8SequenceLength(std::string_view(word_).substr(from)));
    const size_t most = std::min(size, from + tables_.header().unigram.longest);
    bool single = false;
    uint64_t hash = 0;
    for (size_t to = from; to < most;) {
      const size_t end =
          to + std::max<size_t>(1, Utf8SequenceLength(std::string_view(word_).substr(to)));
      if (end > most) break;
      for (; to < end; ++to) hash = HashAppend(hash, word_[to]);
      const Token token =
          tables_.FindMergeable(std::string_view(word_).substr(from, to - from), hash);
      if (token == kNoToken) continue;
      single = single || to == from + character;
      const bool user = tables_.Type(token) == TokenType::kUserDefined;
      offer(from, to, token, user ? 0.0 : double{tables_.Score(token)});
    }
    if (!single) offer(from, from + character, unknown, unknown_score_);
    from += character;
  }
  const size_t first = out_.size();
  for (size_t at = size; at > 0; at = best_[at].from) out_.push_back(best_[at].token);
  std::reverse(out_.begin() + static_cast<ptrdiff_t>(first), out_.end());
  JoinUnknowns(first);
  word_.clear();
}

// Unknown characters in a row are one token.
void UnigramEncoder::JoinUnknowns(size_t first) {
  const Token unknown = tables_.header().special[static_cast<size_t>(SpecialToken::kUnk)];
  size_t kept = first;
  for (size_t i = first; i < out_.size(); ++i) {
    const bool is_unknown = out_[i] == unknown;
    if (is_unknown && after_unknown_) continue;
    after_unknown_ = is_unknown;
    out_[kept++] = out_[i];
  }
  out_.resize(kept);
}

}  // namespace ledge
