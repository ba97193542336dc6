#include "tokenizer/table_view.h"

#include <algorithm>
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

bool OffsetsFit(std::span<const uint32_t> offsets, size_t bytes) {
  if (offsets.front() != 0 || offsets.back() != bytes) return false;
  bool ordered = true;
  for (size_t i = 1; i < offsets.size(); ++i) ordered &= offsets[i - 1] <= offsets[i];
  return ordered;
}

bool TokensFit(std::span<const int32_t> tokens, uint32_t size) {
  return std::all_of(tokens.begin(), tokens.end(), [&](int32_t token) {
    return token == kNoToken || static_cast<uint32_t>(token) < size;
  });
}

bool SymbolFits(uint32_t symbol, uint32_t size) { return symbol < size || symbol >= kRuneSymbol; }

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

Result<TableView> TableView::Open(std::span<const std::byte> block) {
  TableView view;
  LEDGE_CHECK_OK(view.Bind(block));
  LEDGE_CHECK_OK(view.CheckHeader());
  LEDGE_CHECK_OK(view.CheckContents());
  view.pair_mask_ = view.pair_slots_.size() - 1;
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
  LEDGE_TRY(const auto text_offsets, Elements<uint32_t>(block, h.text_offsets, "text_offsets"));
  LEDGE_TRY(const auto text_bytes, Elements<char>(block, h.text_bytes, "text_bytes"));
  LEDGE_TRY(const auto piece_offsets, Elements<uint32_t>(block, h.piece_offsets, "piece_offsets"));
  LEDGE_TRY(const auto piece_bytes, Elements<char>(block, h.piece_bytes, "piece_bytes"));
  LEDGE_TRY(const auto attributes, Elements<uint8_t>(block, h.attributes, "attributes"));
  LEDGE_TRY(text_slots_, Elements<uint32_t>(block, h.text_slots, "text_slots"));
  LEDGE_TRY(pair_slots_, Elements<PairSlot>(block, h.pair_slots, "pair_slots"));
  LEDGE_TRY(match_nodes_, Elements<MatchNode>(block, h.match_nodes, "match_nodes"));
  LEDGE_TRY(match_labels_, Elements<uint8_t>(block, h.match_labels, "match_labels"));
  const uint64_t n = h.vocab_size;
  if (n == 0 || n > kMaxVocabTokens) return Wrong(fmt::format("{} tokens", n));
  if (text_offsets.size() != n + 1 || piece_offsets.size() != n + 1 || attributes.size() != n) {
    return Wrong("sections disagree about the number of tokens");
  }
  if (!OffsetsFit(text_offsets, text_bytes.size()) ||
      !OffsetsFit(piece_offsets, piece_bytes.size())) {
    return Wrong("offsets of texts are out of order");
  }
  text_offsets_ = text_offsets.data();
  text_bytes_ = text_bytes.data();
  piece_offsets_ = piece_offsets.data();
  piece_bytes_ = piece_bytes.data();
  attributes_ = attributes.data();
  return {};
}

Result<void> TableView::CheckHeader() const {
  const TablesHeader& h = *header_;
  const uint32_t n = h.vocab_size;
  if (h.kind != static_cast<uint32_t>(TokenizerKind::kSpm) &&
      h.kind != static_cast<uint32_t>(TokenizerKind::kBpe)) {
    return Wrong(fmt::format("kind is {}", h.kind));
  }
  if ((h.flags & ~kKnownFlags) != 0 || h.reserved != 0) return Wrong("unknown flags");
  if (!TokensFit(h.special, n) || !TokensFit(h.byte_token, n)) return Wrong("tokens out of range");
  const auto lacks = [&](TableFlags flag, SpecialToken role) {
    return Has(flag) && h.special[static_cast<size_t>(role)] == kNoToken;
  };
  if (lacks(kFlagAddBos, SpecialToken::kBos) || lacks(kFlagAddEos, SpecialToken::kEos)) {
    return Wrong("a token to add is missing");
  }
  bool symbols = SymbolFits(h.space_symbol, n);
  for (const uint32_t symbol : h.ascii_symbol) symbols &= SymbolFits(symbol, n);
  if (!symbols) return Wrong("symbols out of range");
  return {};
}

Result<void> TableView::CheckContents() const {
  const uint32_t n = size();
  bool good = true;
  for (size_t i = 0; i < n; ++i) good &= attributes_[i] < 16 && (attributes_[i] & kTypeMask) <= 6;
  if (!good) return Wrong("attributes of tokens are out of range");
  if (!IsPowerOfTwo(text_slots_.size()) || !IsPowerOfTwo(pair_slots_.size())) {
    return Wrong("the size of a hash table is no power of two");
  }
  uint32_t top = 0;
  for (const uint32_t slot : text_slots_) top = std::max(top, slot);
  if (top > n) return Wrong("a hash table names a token out of range");
  top = 0;
  for (const PairSlot& slot : pair_slots_) top = std::max(top, slot.result);
  if (top >= n) return Wrong("a merge gives a token out of range");
  if (match_labels_.empty() || match_nodes_.size() != match_labels_.size() + 1 ||
      !NodesFit(match_nodes_, match_labels_.size(), n)) {
    return Wrong("the automaton of special tokens is broken");
  }
  return {};
}

Token TableView::Find(std::string_view text) const {
  const uint64_t mask = text_slots_.size() - 1;
  uint64_t at = FinishHash(TextHash(text)) & mask;
  for (uint32_t probe = 0; probe < kMaxProbes; ++probe, at = (at + 1) & mask) {
    if (text_slots_[at] == 0) return kNoToken;
    const auto token = static_cast<Token>(text_slots_[at] - 1);
    if (Text(token) == text) return token;
  }
  return kNoToken;
}

Token TableView::FindMergeable(std::string_view text) const {
  const Token token = Find(text);
  return token != kNoToken && IsMergeable(Type(token)) ? token : kNoToken;
}

}  // namespace ledge
