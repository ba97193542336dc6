#include <algorithm>
#include <limits>

#include "base/utf8.h"
#include "tokenizer/encoders.h"
#include "tokenizer/rune_class.h"
#include "tokenizer/spm_text.h"

namespace ledge {
namespace {

constexpr std::string_view kUnknownText = "\uFFFD";
constexpr char32_t kUnknownRune = 0xFFFD;
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

void UnigramEncoder::Encode(std::string_view fragment, bool prefix) {
  after_unknown_ = false;
  word_.clear();
  spaces_ = 0;
  prefix_ = prefix;
  at_begin_ = true;
  while (!fragment.empty()) {
    const Charsmap::Match match = tables_.charsmap().Find(fragment);
    if (match.bytes > 0) {
      fragment.remove_prefix(match.bytes);
      for (std::string_view rest = match.replacement; !rest.empty();) {
        const std::string_view before = rest;
        const char32_t rune = Utf8Next(rest);
        Add(before.substr(0, before.size() - rest.size()), rune);
      }
      continue;
    }
    const std::string_view before = fragment;
    const char32_t rune = Utf8Next(fragment);
    if (rune == kInvalidRune) {
      Add(kUnknownText, kUnknownRune);
    } else {
      Add(before.substr(0, before.size() - fragment.size()), rune);
    }
  }
  const bool merge = tables_.Has(kFlagMergeSpaces);
  if (merge) spaces_ = tables_.Has(kFlagKeepLastSpace) ? std::min<size_t>(spaces_, 1) : 0;
  for (; spaces_ > 0; --spaces_) StartWord();
  FinishWord();
}

// A character of the normalised text. Spaces wait for what follows them.
void UnigramEncoder::Add(std::string_view character, char32_t rune) {
  const bool space =
      rune == ' ' || (tables_.Has(kFlagSplitWhiteSpace) && ClassOf(rune) == RuneClass::kSpace);
  if (space) {
    ++spaces_;
    return;
  }
  if (spaces_ > 0 || at_begin_) {
    for (size_t i = SpacesBefore(); i > 0; --i) StartWord();
    spaces_ = 0;
    at_begin_ = false;
  }
  word_ += character;
}

// How many a word has in front.
size_t UnigramEncoder::SpacesBefore() const {
  const bool unless_space = tables_.Has(kFlagPrefixUnlessSpace);
  const bool merge = tables_.Has(kFlagMergeSpaces);
  if (merge && !unless_space) return 1;  // SentencePiece's merging puts one before every word
  const size_t spaces = merge ? std::min<size_t>(spaces_, 1) : spaces_;
  if (!at_begin_ || !prefix_) return spaces;
  return unless_space ? std::max<size_t>(spaces, 1) : spaces + 1;
}

// A space: words begin with them where no token has one elsewhere.
void UnigramEncoder::StartWord() {
  const bool joins = word_.ends_with(kSpmSpaceText) && !tables_.Has(kFlagSplitEachSpace);
  if (tables_.Has(kFlagWordsAtSpaces) && !joins) FinishWord();
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
