#include "tokenizer/tables.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "base/checked.h"
#include "base/utf8.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/merge_table.h"
#include "tokenizer/narrow.h"
#include "tokenizer/pre/pre_tokenizer.h"
#include "tokenizer/special_matcher.h"
#include "tokenizer/spm_text.h"
#include "tokenizer/text_index.h"

namespace ledge {
namespace {

// Where the texts of some tokens begin in the model file's array (table_format.h).
std::vector<uint32_t> TextSamples(const Vocab& vocab) {
  std::vector<uint32_t> samples;
  uint64_t at = 0;
  for (size_t i = 0; i < vocab.texts.size(); ++i) {
    if (i % kTextStride == 0) samples.push_back(static_cast<uint32_t>(at));
    at += sizeof(uint64_t) + vocab.texts[i].size();
  }
  return samples;
}

std::vector<uint8_t> NarrowTextSlots(const TextIndex& index, uint32_t width) {
  std::vector<uint8_t> narrow(index.slots().size() * width);
  uint8_t* to = narrow.data();
  for (const uint32_t slot : index.slots()) {
    StoreNarrow(to, width, slot == 0 ? NarrowMask(width) : slot - 1);
    to += width;
  }
  return narrow;
}

uint32_t WidthOf(const MergeTable& merges) {
  uint32_t largest = 0;
  for (const PairSlot& slot : merges.slots()) {
    if (slot.left == kNoSymbol) continue;
    largest = std::max({largest, slot.left, slot.right, slot.rank, slot.result});
  }
  return NarrowWidth(largest);
}

std::vector<uint8_t> NarrowPairSlots(const MergeTable& merges, uint32_t width) {
  std::vector<uint8_t> narrow(merges.slots().size() * kPairFields * width);
  uint8_t* to = narrow.data();
  for (const PairSlot& slot : merges.slots()) {
    const uint32_t left = slot.left == kNoSymbol ? NarrowMask(width) : slot.left;
    for (const uint32_t field : {left, slot.right, slot.rank, slot.result}) {
      StoreNarrow(to, width, field);
      to += width;
    }
  }
  return narrow;
}

Spelling SpellingOf(const Vocab& vocab) {
  const PreTokenizer* const pre =
      vocab.kind == TokenizerKind::kBpe ? FindPreTokenizer(vocab.pre) : nullptr;
  return pre == nullptr ? Spelling::kMarkedSpaces : pre->spelling;
}

// The token for a byte that stands alone: SPM, and BPE without the alphabet, spells it "<0x0A>", or
// has the byte itself as a token.
Token ByteToken(const Vocab& vocab, const TextIndex& index, int byte) {
  std::string text;
  if (SpellingOf(vocab) == Spelling::kByteAlphabet) {
    Utf8Append(text, RuneOfByte(static_cast<uint8_t>(byte)));
    return index.FindMergeable(text, TextHash(text));
  }
  const Token token = index.Find(fmt::format("<0x{:02X}>", byte));
  if (token != kNoToken) return token;
  return index.Find(std::string(1, static_cast<char>(byte)));
}

// Whether no token has a space behind anything but a space.
bool WordsAtSpaces(const Vocab& vocab) {
  for (size_t i = 0; i < vocab.texts.size(); ++i) {
    if (!IsMergeable(vocab.types[i])) continue;
    bool other = false;  // than a space came before
    for (std::string_view rest = vocab.texts[i]; !rest.empty();) {
      const bool space = Utf8Next(rest) == kSpmSpace;
      if (space && other) return false;
      other = !space;
    }
  }
  return true;
}

uint32_t FlagsOf(const Vocab& vocab) {
  const bool spm = vocab.kind == TokenizerKind::kSpm;
  const bool user = std::find(vocab.types.begin(), vocab.types.end(), TokenType::kUserDefined) !=
                    vocab.types.end();
  uint32_t flags = 0;
  if (vocab.add_bos) flags |= kFlagAddBos;
  if (vocab.add_eos) flags |= kFlagAddEos;
  if (vocab.add_space_prefix) flags |= kFlagAddSpacePrefix;
  if (vocab.lowercase) flags |= kFlagLowercase;
  if (vocab.strip_accents) flags |= kFlagStripAccents;
  const bool unigram = vocab.kind == TokenizerKind::kUnigram;
  if (vocab.merge_spaces) flags |= kFlagMergeSpaces;
  const SpaceRules& spaces = vocab.spaces;
  if (spaces.prefix_only_first) flags |= kFlagPrefixOnlyFirst;
  if (spaces.prefix_unless_space) flags |= kFlagPrefixUnlessSpace;
  if (spaces.keep_last_space) flags |= kFlagKeepLastSpace;
  if (spaces.split_white_space) flags |= kFlagSplitWhiteSpace;
  if (spaces.split_each_space) flags |= kFlagSplitEachSpace;
  if ((spm || unigram) && (spaces.split_each_space || WordsAtSpaces(vocab))) {
    flags |= kFlagWordsAtSpaces;
  }
  if (user) flags |= kFlagUserDefined;
  return flags | static_cast<uint32_t>(vocab.normal_form) << kNormalFormShift;
}

TablesHeader MakeHeader(const Vocab& vocab, const TextIndex& index) {
  TablesHeader header;
  std::memset(&header, 0, sizeof(header));
  std::memcpy(header.magic, kTablesMagic, sizeof(kTablesMagic));
  header.version = kTablesVersion;
  header.kind = static_cast<uint32_t>(vocab.kind);
  header.vocab_size = static_cast<uint32_t>(vocab.texts.size());
  header.flags = FlagsOf(vocab);
  std::fill(std::begin(header.special), std::end(header.special), kNoToken);
  std::copy(vocab.special.begin(), vocab.special.end(), header.special);
  if (vocab.kind == TokenizerKind::kBpe) {
    vocab.pre.copy(header.pre, sizeof(header.pre) - 1);  // a known name, so short enough
  }
  for (int byte = 0; byte < 256; ++byte) header.byte_token[byte] = ByteToken(vocab, index, byte);
  for (size_t c = 0; c < std::size(header.ascii_symbol); ++c) {
    header.ascii_symbol[c] = SpmSymbol(index, std::string(1, static_cast<char>(c)));
  }
  header.space_symbol = SpmSymbol(index, kSpmSpaceText);
  return header;
}

Result<MatchAutomaton> MakeAutomaton(const Vocab& vocab) {
  std::vector<SpecialText> specials;
  uint64_t bytes = 0;
  for (size_t i = 0; i < vocab.texts.size(); ++i) {
    if (!IsSpecial(vocab.types[i]) || vocab.texts[i].empty()) continue;
    bytes += vocab.texts[i].size();
    specials.push_back(
        {vocab.texts[i], static_cast<Token>(i), vocab.types[i] == TokenType::kUserDefined});
  }
  if (bytes > kMaxSpecialBytes) {
    return MakeError(Code::kMalformed,
                     "{}: special tokens have {} bytes of text; at most {} are accepted",
                     vocab.file, bytes, kMaxSpecialBytes);
  }
  return BuildMatchAutomaton(specials);
}

// Bytes of the longest token that Unigram may choose; 0 for other kinds.
Result<uint64_t> LongestChoice(const Vocab& vocab) {
  uint64_t longest = 0;
  if (vocab.kind != TokenizerKind::kUnigram) return longest;
  for (size_t i = 0; i < vocab.texts.size(); ++i) {
    if (IsMergeable(vocab.types[i])) longest = std::max<uint64_t>(longest, vocab.texts[i].size());
  }
  if (longest <= kMaxUnigramBytes) return longest;
  return MakeError(Code::kMalformed,
                   "{}: a token of a \"t5\" tokenizer has {} bytes; at most {} are accepted",
                   vocab.file, longest, kMaxUnigramBytes);
}

// Lays sections out one behind another.
class BlockWriter {
 public:
  BlockWriter() : block_(sizeof(TablesHeader)) {}

  template <typename Container>
  Section Add(const Container& elements) {
    using T = std::remove_cv_t<typename Container::value_type>;
    const Section section{block_.size(), elements.size()};
    const size_t bytes = elements.size() * sizeof(T);
    block_.resize(AlignUp(section.offset + bytes, kTablesAlignment));
    if (bytes > 0) std::memcpy(block_.data() + section.offset, elements.data(), bytes);
    return section;
  }
  std::vector<std::byte> Finish(TablesHeader& header) {
    header.bytes = block_.size();
    std::memcpy(block_.data(), &header, sizeof(header));
    return std::move(block_);
  }

 private:
  std::vector<std::byte> block_;
};

}  // namespace

Result<std::vector<std::byte>> BuildTables(const Vocab& vocab) {
  LEDGE_CHECK_OK(CheckVocab(vocab));
  LEDGE_TRY(const TextIndex index, TextIndex::Build(vocab));
  LEDGE_TRY(const uint64_t longest, LongestChoice(vocab));
  LEDGE_TRY(const MergeTable merges,
            vocab.kind == TokenizerKind::kSpm ? SpmMerges(vocab, index) : BpeMerges(vocab, index));
  LEDGE_TRY(const MatchAutomaton automaton, MakeAutomaton(vocab));
  std::vector<uint8_t> attributes;
  for (size_t i = 0; i < vocab.texts.size(); ++i) {
    int attribute = static_cast<int>(vocab.types[i]);
    if (vocab.ends_generation[i]) attribute |= kEndsGeneration;
    if (i < vocab.strips_left.size() && vocab.strips_left[i]) attribute |= kStripsLeft;
    if (i < vocab.strips_right.size() && vocab.strips_right[i]) attribute |= kStripsRight;
    attributes.push_back(static_cast<uint8_t>(attribute));
  }
  TablesHeader header = MakeHeader(vocab, index);
  header.text_width = static_cast<uint16_t>(NarrowWidth(header.vocab_size - 1));
  header.pair_width = static_cast<uint16_t>(WidthOf(merges));
  BlockWriter writer;
  header.text_samples = writer.Add(TextSamples(vocab));
  header.attributes = writer.Add(attributes);
  header.text_slots = writer.Add(NarrowTextSlots(index, header.text_width));
  header.pair_slots = writer.Add(NarrowPairSlots(merges, header.pair_width));
  header.match_nodes = writer.Add(automaton.nodes);
  header.match_labels = writer.Add(automaton.labels);
  if (vocab.kind == TokenizerKind::kUnigram) {
    header.unigram = {.scores = writer.Add(vocab.scores).offset,
                      .charsmap = writer.Add(vocab.charsmap).offset,
                      .charsmap_bytes = vocab.charsmap.size(),
                      .longest = longest};
  }
  return writer.Finish(header);
}

}  // namespace ledge
