#include "tokenizer/table_view.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/checked.h"
#include "tokenizer/vocab.h"

namespace ledge {
namespace {

Error Wrong(std::string_view what) {
  return MakeError(Code::kMalformed, "tokenizer tables: {}; must be as written at import", what);
}

template <typename T>
Result<std::span<const T>> Elements(std::span<const std::byte> block, const Section& section,
                                    std::string_view name) {
  const auto bytes = CheckedMul(section.count, sizeof(T));
  if (section.offset % kTablesAlignment != 0 || section.offset > block.size() || !bytes ||
      *bytes > block.size() - section.offset) {
    return Wrong(fmt::format("section {} (offset {}, {} elements) lies outside", name,
                             section.offset, section.count));
  }
  return std::span<const T>(reinterpret_cast<const T*>(block.data() + section.offset),
                            section.count);
}

bool TokensFit(std::span<const int32_t> tokens, uint32_t size) {
  return std::all_of(tokens.begin(), tokens.end(), [&](int32_t token) {
    return token == kNoToken || static_cast<uint32_t>(token) < size;
  });
}

bool SymbolFits(uint32_t symbol, uint32_t size) { return symbol < size || symbol >= kRuneSymbol; }

// How many slots a hash table has in a section of `bytes`; 0 if they are no whole number, or more
// than a hash reaches.
uint64_t SlotCount(uint64_t bytes, uint64_t slot_bytes) {
  const uint64_t count = bytes / slot_bytes;
  return bytes % slot_bytes == 0 && count < (uint64_t{1} << 32) ? count : 0;
}

bool IsNarrowWidth(uint32_t width) { return width == 2 || width == 3; }

// Breadth-first order: children lie behind their parent, `fail` before the node, so every walk
// ends.
bool NodesFit(std::span<const MatchNode> nodes, size_t count, uint32_t size) {
  if (nodes[0].first_child != 1 || nodes[0].fail != 0) return false;
  if (nodes[count].first_child != count) return false;
  bool good = true;
  const auto fits = [&](int32_t token) {
    return token == kNoToken || static_cast<uint32_t>(token) < size;
  };
  for (size_t i = 0; i < count; ++i) {
    good &= nodes[i].first_child > i && nodes[i].first_child <= nodes[i + 1].first_child;
    good &= i == 0 || nodes[i].fail < i;
    good &= fits(nodes[i].any) && fits(nodes[i].user);
  }
  return good;
}

}  // namespace

Result<TableView> TableView::Open(std::span<const std::byte> block,
                                  std::span<const std::byte> texts) {
  TableView view;
  view.texts_ = texts;
  LEDGE_CHECK_OK(view.Bind(block));
  LEDGE_CHECK_OK(view.CheckHeader());
  LEDGE_CHECK_OK(view.CheckContents());
  if (view.header_->kind == static_cast<uint32_t>(TokenizerKind::kBpe)) {
    const char* name = view.header_->pre;
    view.pre_ =
        FindPreTokenizer(std::string_view(name, ::strnlen(name, sizeof(view.header_->pre))));
    if (view.pre_ == nullptr) return Wrong("the pre-tokenizer is unknown");
  }
  return view;
}

Result<void> TableView::Bind(std::span<const std::byte> block) {
  if (reinterpret_cast<uintptr_t>(block.data()) % kTablesAlignment != 0) {
    return MakeError(Code::kInternal, "tokenizer tables must lie at a multiple of {} bytes",
                     kTablesAlignment);
  }
  if (block.size() < sizeof(TablesHeader)) return Wrong(fmt::format("only {} bytes", block.size()));
  header_ = reinterpret_cast<const TablesHeader*>(block.data());
  const TablesHeader& h = *header_;
  if (std::memcmp(h.magic, kTablesMagic, sizeof(kTablesMagic)) != 0) return Wrong("magic is wrong");
  if (h.version != kTablesVersion) return Wrong(fmt::format("version is {}", h.version));
  if (h.bytes > block.size()) {
    return Wrong(fmt::format("{} bytes of {} are there", block.size(), h.bytes));
  }
  block = block.first(h.bytes);
  LEDGE_TRY(const auto samples, Elements<uint32_t>(block, h.text_samples, "text_samples"));
  LEDGE_TRY(const auto attributes, Elements<uint8_t>(block, h.attributes, "attributes"));
  LEDGE_TRY(const auto text_slots, Elements<uint8_t>(block, h.text_slots, "text_slots"));
  LEDGE_TRY(const auto pair_slots, Elements<uint8_t>(block, h.pair_slots, "pair_slots"));
  LEDGE_TRY(match_nodes_, Elements<MatchNode>(block, h.match_nodes, "match_nodes"));
  LEDGE_TRY(match_labels_, Elements<uint8_t>(block, h.match_labels, "match_labels"));
  const uint64_t n = h.vocab_size;
  if (n == 0 || n > kMaxVocabTokens) return Wrong(fmt::format("{} tokens", n));
  if (samples.size() != CeilDiv(n, kTextStride) || attributes.size() != n) {
    return Wrong("sections disagree about the number of tokens");
  }
  if (!IsNarrowWidth(h.text_width) || !IsNarrowWidth(h.pair_width)) {
    return Wrong("numbers of a hash table have another width than 2 or 3");
  }
  text_count_ = SlotCount(text_slots.size(), h.text_width);
  pair_count_ = SlotCount(pair_slots.size(), kPairFields * h.pair_width);
  if (text_count_ == 0 || pair_count_ == 0) return Wrong("a hash table has no right size");
  text_samples_ = samples.data();
  attributes_ = attributes.data();
  text_slots_ = text_slots.data();
  pair_slots_ = pair_slots.data();
  if (h.kind == static_cast<uint32_t>(TokenizerKind::kUnigram)) {
    LEDGE_CHECK_OK(BindUnigram(block));
  }
  return CheckTexts(samples);
}

Result<void> TableView::BindUnigram(std::span<const std::byte> block) {
  const UnigramSections& sections = header_->unigram;
  LEDGE_TRY(scores_, Elements<float>(block, {sections.scores, header_->vocab_size}, "scores"));
  LEDGE_TRY(const auto map,
            Elements<std::byte>(block, {sections.charsmap, sections.charsmap_bytes}, "charsmap"));
  auto opened = Charsmap::Open(map);
  if (!opened.ok()) return Wrong("the character map " + opened.error().message);
  charsmap_ = *opened;
  const bool numbers =
      std::ranges::all_of(scores_, [](float score) { return std::isfinite(score); });
  if (!numbers || sections.longest > kMaxUnigramBytes) return Wrong("scores are out of range");
  return {};
}

// The samples are where the texts really are, and the texts are as many as the tokens.
Result<void> TableView::CheckTexts(std::span<const uint32_t> samples) const {
  uint64_t at = 0;
  for (uint32_t i = 0; i < size(); ++i) {
    if (i % kTextStride == 0 && samples[i / kTextStride] != at) {
      return Wrong("they are of other texts");
    }
    const std::string_view text = TextAt(at);
    if (text.data() == nullptr) return Wrong(fmt::format("there are only {} texts", i));
    at += kCountBytes + text.size();
  }
  if (at != texts_.size()) return Wrong("there are more texts than tokens");
  return {};
}

Result<void> TableView::CheckHeader() const {
  const TablesHeader& h = *header_;
  const uint32_t n = h.vocab_size;
  if (h.kind != static_cast<uint32_t>(TokenizerKind::kSpm) &&
      h.kind != static_cast<uint32_t>(TokenizerKind::kBpe) &&
      h.kind != static_cast<uint32_t>(TokenizerKind::kWordPiece) &&
      h.kind != static_cast<uint32_t>(TokenizerKind::kUnigram)) {
    return Wrong(fmt::format("kind is {}", h.kind));
  }
  if ((h.flags & ~kKnownFlags) != 0 || h.flags >> kNormalFormShift >= kNormalForms) {
    return Wrong("unknown flags");
  }
  if (!TokensFit(h.special, n) || !TokensFit(h.byte_token, n)) return Wrong("tokens out of range");
  const auto lacks = [&](TableFlags flag, SpecialToken role) {
    return Has(flag) && h.special[static_cast<size_t>(role)] == kNoToken;
  };
  if (lacks(kFlagAddBos, SpecialToken::kBos) || lacks(kFlagAddEos, SpecialToken::kEos)) {
    return Wrong("a token to add is missing");
  }
  if (h.kind == static_cast<uint32_t>(TokenizerKind::kUnigram) &&
      h.special[static_cast<size_t>(SpecialToken::kUnk)] == kNoToken) {
    return Wrong("the unknown token is missing");
  }
  bool symbols = SymbolFits(h.space_symbol, n);
  for (const uint32_t symbol : h.ascii_symbol) symbols &= SymbolFits(symbol, n);
  if (!symbols) return Wrong("symbols out of range");
  return {};
}

Result<void> TableView::CheckContents() const {
  const uint32_t n = size();
  bool good = true;
  for (size_t i = 0; i < n; ++i) {
    good &= attributes_[i] <= kKnownAttributes && (attributes_[i] & kTypeMask) <= 6;
  }
  if (!good) return Wrong("attributes of tokens are out of range");
  LEDGE_CHECK_OK(CheckSlots());
  if (match_labels_.empty() || match_nodes_.size() != match_labels_.size() + 1 ||
      !NodesFit(match_nodes_, match_labels_.size(), n)) {
    return Wrong("the automaton of special tokens is broken");
  }
  return {};
}

Result<void> TableView::CheckSlots() const {
  const uint32_t n = size();
  const uint32_t text_width = header_->text_width;
  const uint32_t pair_width = header_->pair_width;
  bool good = true;
  for (uint64_t i = 0; i < text_count_; ++i) {
    const uint32_t token = LoadNarrow(text_slots_ + i * text_width, text_width);
    good &= token < n || token == NarrowMask(text_width);
  }
  if (!good) return Wrong("a hash table names a token out of range");
  for (uint64_t i = 0; i < pair_count_; ++i) {
    good &= LoadNarrow(pair_slots_ + (i * kPairFields + 3) * pair_width, pair_width) < n;
  }
  if (!good) return Wrong("a merge gives a token out of range");
  return {};
}

Token TableView::FindHashed(std::string_view text, uint64_t hash) const {
  const uint32_t width = header_->text_width;
  uint64_t at = FirstSlot(FinishHash(hash), text_count_);
  for (uint32_t probe = 0; probe < kMaxProbes; ++probe, at = NextSlot(at, text_count_)) {
    const uint32_t slot = LoadNarrow(text_slots_ + at * width, width);
    if (slot >= size()) return kNoToken;
    const auto token = static_cast<Token>(slot);
    if (Text(token) == text) return token;
  }
  return kNoToken;
}

Token TableView::Find(std::string_view text) const { return FindHashed(text, TextHash(text)); }

Token TableView::FindMergeable(std::string_view text, uint64_t hash) const {
  const Token token = FindHashed(text, hash);
  return token != kNoToken && IsMergeable(Type(token)) ? token : kNoToken;
}

}  // namespace ledge
