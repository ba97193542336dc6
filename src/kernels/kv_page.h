// The KV cache as the kernels see it. A page holds 32 consecutive tokens of one sequence for all
// layers of a layer group; within it, each (layer, KV head) has a key part and a value part:
//
//   key   2 panels of 16 tokens: element (token t, dim d) at panel t / 16, index d * 16 + t % 16. A
//   key page
//         is a weight panel whose rows are tokens, so scores are an ordinary panel product.
//   value dims padded to 16: element (token t, dim d) at index t * value_dim_padded + d: a panel
//   product in
//         which rows are dims and k is the token.
//
// Elements are f32, f16 or int8. int8 has one f32 scale a token and head, never one a page, so a
// token's stored value depends on that token alone: value = element * scale, scale = largest
// magnitude / 127, and a token with a NaN or an infinity has scale NaN.
//
// A slot that has not been stored may hold anything.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ledge {

inline constexpr uint32_t kPageTokens = 32;
// Attention partials cover fixed absolute spans of this many tokens, whatever the batch.
inline constexpr uint32_t kSpanTokens = 256;
inline constexpr uint32_t kSpanPages = kSpanTokens / kPageTokens;
// Largest head dimension that kernels accept; loaders refuse more.
inline constexpr uint32_t kMaxHeadDim = 512;

enum class KvType : uint8_t { kF32, kF16, kQ8 };

// These are `static`: what an instruction set's files inline must not end up in a symbol that
// others share.
static constexpr uint32_t KvElementBytes(KvType type) {
  return type == KvType::kF32 ? 4 : type == KvType::kF16 ? 2 : 1;
}
static constexpr uint32_t KvPaddedDim(uint32_t dim) { return (dim + 15) / 16 * 16; }

// Bytes of the parts of one (layer, KV head) in a page; multiples of 64.
static constexpr uint64_t KvPartBytes(KvType type, uint32_t head_dim) {
  return uint64_t{kPageTokens} * KvPaddedDim(head_dim) * KvElementBytes(type);
}
static constexpr uint64_t KvScaleBytes(KvType type) {
  return type == KvType::kQ8 ? kPageTokens * sizeof(float) : 0;
}
// Where the parts begin: key at 0, its scales, value, its scales.
static constexpr uint64_t KvKeyScalesOffset(KvType type, uint32_t key_dim) {
  return KvPartBytes(type, key_dim);
}
static constexpr uint64_t KvValueOffset(KvType type, uint32_t key_dim) {
  return KvPartBytes(type, key_dim) + KvScaleBytes(type);
}
static constexpr uint64_t KvValueScalesOffset(KvType type, uint32_t key_dim, uint32_t value_dim) {
  return KvValueOffset(type, key_dim) + KvPartBytes(type, value_dim);
}
static constexpr uint64_t KvHeadPageBytes(KvType type, uint32_t key_dim, uint32_t value_dim) {
  return KvValueScalesOffset(type, key_dim, value_dim) + KvScaleBytes(type);
}

// One (layer, KV head) of one page.
struct KvHeadPage {
  KvType type = KvType::kF16;
  uint32_t key_dim = 0;
  uint32_t value_dim = 0;
  std::byte* data = nullptr;  // KvHeadPageBytes, 64-byte aligned
};

// What attention over one span leaves behind for one column, to be merged with the other spans'.
struct SpanPartial {
  float max;         // of the scores; -infinity if the column sees no token of the span
  float sum;         // of exp(score - max)
  const float* out;  // value_dim floats: sum of exp(score - max) * value, not normalised
};

// One call's work. A column sees tokens first_visible <= t <= position. What it does not see, later
// tokens of the same prefill included, has no influence on a bit of its result. Tokens from the
// smallest first_visible to the largest position of the call that lie in the span must be stored;
// pages outside may be null. Columns next to each other should have near positions: what they see
// in common is read once.
//
// A column that sees no token of the span gets max = -infinity, sum = 0 and out = 0. Else the sum
// is at least 1, or NaN where a score is NaN or infinite.
struct AttentionSpan {
  KvType type;
  uint32_t key_dim;      // 1..kMaxHeadDim
  uint32_t value_dim;    // 1..kMaxHeadDim
  uint32_t first_token;  // absolute position of the span's first token; a multiple of kSpanTokens
  uint32_t page_count;   // 1..kSpanPages
  const std::byte* const* pages;  // the (layer, KV head) part of each page
  uint32_t columns;
  const float* const* queries;    // per column: key_dim floats
  const uint32_t* positions;      // per column
  const uint32_t* first_visible;  // per column (sliding window); may be null: all see from 0
  float scale;                    // multiplies the scores
  float softcap;                  // 0: none; else score = softcap * tanh(score / softcap)
  float* max;                     // per column
  float* sum;                     // per column
  float* const* out;              // per column: value_dim floats
};

}  // namespace ledge
