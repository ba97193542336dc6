// The tokenizer's tables as bytes: one flat, relocatable block, built once at import (BuildTables),
// stored in the packed model file, mapped read-only by every process. Little-endian; all sections
// begin at multiples of 8; every gap is zero, so the same vocabulary always gives the same bytes.
//
//   header
//   text_samples   u32[]         where the text of each kTextStride-th token begins
//   attributes     u8[n]         TokenType, kEndsGeneration, kStripsLeft, kStripsRight
//   text_slots     hash table text -> token: narrow[slots], linear probing
//   pair_slots     hash table (left, right) -> merge: narrow[slots][4] with left, right, rank and
//                  the token that results, linear probing
//   match_nodes    MatchNode[m+1]  automaton that finds special tokens, see special_matcher.h
//   match_labels   u8[m]
//   scores         f32[n]        Unigram only
//   charsmap       u8[]          Unigram only: charsmap.h
//
// The texts themselves are not here but where the model file has them, in the value of
// tokenizer.ggml.tokens, which a packed file holds anyway: each is a u64 length and its bytes, one
// behind another. What a token prints follows from its text (piece.h). A narrow number has 2 bytes
// if all of its table fit, else 3; an empty slot begins with the largest one. About 15 bytes a
// token in all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tokenizer/token.h"

namespace ledge {

inline constexpr char kTablesMagic[8] = {'L', 'D', 'G', 'T', 'O', 'K', 'N', '\n'};
inline constexpr uint32_t kTablesVersion = 2;
inline constexpr uint64_t kTablesAlignment = 8;
// A probe never goes further; BuildTables refuses vocabularies whose texts collide that badly.
inline constexpr uint32_t kMaxProbes = 512;
inline constexpr uint64_t kMaxSpecialBytes = 4 << 20;  // texts of all special tokens together

inline constexpr uint32_t kTextStride = 8;
inline constexpr uint32_t kPairFields = 4;

// A symbol of a text that is being merged: a token id, or one of these. All fit into 3 bytes.
inline constexpr uint32_t kRuneSymbol = 0x200000;     // | character: no token has this text
inline constexpr uint32_t kByteSymbol = 0x400000;     // | byte of no valid character
inline constexpr uint32_t kMissingSymbol = 0xFFFFFE;  // nothing in the vocabulary stands for it
inline constexpr uint32_t kNoSymbol = 0xFFFFFF;

enum TableFlags : uint32_t {
  kFlagAddBos = 1,
  kFlagAddEos = 2,
  kFlagAddSpacePrefix = 4,
  kFlagWordsAtSpaces = 8,  // SPM, Unigram: no token joins a space to what stands before it
  kFlagUserDefined = 16,   // there are user-defined tokens
  kFlagLowercase = 32,     // WordPiece
  kFlagStripAccents = 64,  // WordPiece
  kFlagMergeSpaces = 128,  // Unigram: spaces in a row are one, those at the ends are dropped
  // SPM, Unigram: what space_rules.h says.
  kFlagPrefixOnlyFirst = 256,
  kFlagPrefixUnlessSpace = 512,
  kFlagKeepLastSpace = 1024,
  kFlagSplitWhiteSpace = 2048,
  kFlagSplitEachSpace = 4096,
};
// Above the flags: what texts are normalised to, a NormalForm.
inline constexpr uint32_t kNormalFormShift = 16;
inline constexpr uint32_t kKnownFlags = 8191 | 7U << kNormalFormShift;
// Longer tokens that Unigram may choose are refused: each is looked for at every place.
inline constexpr uint32_t kMaxUnigramBytes = 256;

inline constexpr uint8_t kTypeMask = 7;
inline constexpr uint8_t kEndsGeneration = 8;
inline constexpr uint8_t kStripsLeft = 16;  // white space in front of the token goes with it
inline constexpr uint8_t kStripsRight = 32;
inline constexpr uint8_t kKnownAttributes = 63;

struct Section {
  uint64_t offset;  // from the block's begin
  uint64_t count;   // elements
};

// Nodes are in breadth-first order: children of a node are consecutive, and those of node i+1
// follow those of node i, so a node's children are [first_child, next node's first_child).
struct MatchNode {
  uint32_t first_child;
  uint32_t fail;  // the longest proper suffix that is a node; always a smaller index
  int32_t any;    // the longest special token that ends here
  int32_t user;   // the longest user-defined one
};

// What only Unigram has.
struct UnigramSections {
  uint64_t scores;    // offset; one a token
  uint64_t charsmap;  // offset
  uint64_t charsmap_bytes;
  uint64_t longest;  // bytes of the longest token that may be chosen
};

struct TablesHeader {
  char magic[8];
  uint32_t version;
  uint32_t kind;   // TokenizerKind
  uint64_t bytes;  // of the whole block
  uint32_t vocab_size;
  uint32_t flags;
  int32_t special[16];
  union {
    char pre[32];             // BPE: zero-terminated
    UnigramSections unigram;  // Unigram
  };
  int32_t byte_token[256];     // the token of a byte, kNoToken where there is none
  uint32_t ascii_symbol[128];  // SPM: the symbol of an ASCII character
  uint32_t space_symbol;       // SPM: the symbol of U+2581, which stands for a space
  uint16_t text_width;         // bytes of a number in text_slots: 2 or 3
  uint16_t pair_width;         // the same in pair_slots
  Section text_samples;
  Section attributes;
  Section text_slots;  // count: bytes
  Section pair_slots;  // count: bytes
  Section match_nodes;
  Section match_labels;
};
static_assert(sizeof(UnigramSections) == 32);
static_assert(sizeof(TablesHeader) % kTablesAlignment == 0);
static_assert(sizeof(MatchNode) == 16);

// Whether a token may come out of ordinary text by merging. Control, unknown and byte tokens may
// not: the text "</s>" in a message must never become the token that ends it (as in SentencePiece).
inline bool IsMergeable(TokenType type) {
  return type != TokenType::kControl && type != TokenType::kUnknown && type != TokenType::kByte;
}
// Whether a token is looked for in the text before anything else.
inline bool IsSpecial(TokenType type) {
  return type == TokenType::kControl || type == TokenType::kUnknown ||
         type == TokenType::kUserDefined;
}

// Polynomial hashes, which grow at either end in constant time: the builder hashes all beginnings
// and ends of a token's text. Finish mixes the bits.
inline constexpr uint64_t kHashBase = 0x9E3779B97F4A7C15;
inline uint64_t HashAppend(uint64_t hash, char c) {
  return hash * kHashBase + static_cast<unsigned char>(c) + 1;
}
inline uint64_t FinishHash(uint64_t hash) {
  hash ^= hash >> 32;
  hash *= 0xD6E8FEB86659FD93;
  hash ^= hash >> 32;
  return hash;
}
inline uint64_t TextHash(std::string_view text) {
  uint64_t hash = 0;
  for (const char c : text) hash = HashAppend(hash, c);
  return hash;
}
inline uint64_t PairHash(uint32_t left, uint32_t right) {
  return FinishHash((static_cast<uint64_t>(left) << 32 | right) * kHashBase);
}
// The slot where probing begins, of `slots`, fewer than 2^32.
inline uint64_t FirstSlot(uint64_t finished_hash, uint64_t slots) {
  return (finished_hash >> 32) * slots >> 32;
}

inline uint64_t NextSlot(uint64_t at, uint64_t slots) { return at + 1 == slots ? 0 : at + 1; }

}  // namespace ledge
