// Attention of some columns (query vectors) over one span of KV pages, and the merging of spans:
// softmax in parts, after Dao et al., FlashAttention (arXiv 2205.14135), with the parts at fixed
// absolute places.
//
// For up to kMaxBlock columns at a time:
//   scores   panel products: a vector lane is a token, k runs over the key's dims in order
//   softmax  scale, cap, largest score, exp, sum; the sum in the 16 virtual lanes
//   values   panel products again: a lane is a dim, k runs over the tokens in order
// Each (token, column) and each (dim, column) has one chain of fused multiply-adds, so its bits
// don't depend on the block it is in. Tokens that a column does not see are never multiplied into
// its sums: 0 * NaN would be NaN, and adding 0 can turn -0 into +0.
//
// What comes next is fetched ahead: a page's part is 8 KiB or so and lies far from the next page's,
// so that the processor finds out too late by itself where reading goes on.
//
// `kAccumulators`: how many vectors the instruction set can hold in registers as running sums.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kv_page.h"
#include "kernels/unroll.h"
#include "kernels/vector_math.h"

namespace ledge {

template <typename I, int kAccumulators>
struct Attention {
  using F32 = typename I::F32;
  using Math = VectorMath<I>;
  static constexpr uint32_t kMaxBlock = 6;
  static constexpr uint32_t kVectors = I::kVectors;

  static void AttendSpan(const AttentionSpan& span) {
    switch (span.type) {
      case KvType::kF32:
        return Typed<KvType::kF32>::Attend(span);
      case KvType::kF16:
        return Typed<KvType::kF16>::Attend(span);
      case KvType::kQ8:
        return Typed<KvType::kQ8>::Attend(span);
    }
  }

  static void MergeSpans(const SpanPartial* partials, uint32_t count, uint32_t head_dim,
                         float* out) {
    float max = -__builtin_inff();
    for (uint32_t i = 0; i < count; ++i) {
      if (partials[i].sum != 0 && partials[i].max > max) max = partials[i].max;
    }
    alignas(64) float merged[kMaxHeadDim];
    __builtin_memset(merged, 0, KvPaddedDim(head_dim) * sizeof(float));
    float sum = 0;
    for (uint32_t i = 0; i < count; ++i) {
      if (partials[i].sum == 0) continue;  // saw nothing; NaN is not 0
      const float weight = Math::Exp1(partials[i].max - max);
      sum = sum + weight * partials[i].sum;
      for (uint32_t d = 0; d < head_dim; d += I::kLanes) {
        const F32 part = I::LoadF32Partial(partials[i].out + d, Lanes(head_dim - d));
        I::StoreF32(merged + d, I::Fma(I::Set1(weight), part, I::LoadF32(merged + d)));
      }
    }
    const F32 divisor = I::Set1(sum == 0 ? 1.0f : sum);
    for (uint32_t d = 0; d < head_dim; d += I::kLanes) {
      I::StoreF32Partial(out + d, I::Div(I::LoadF32(merged + d), divisor), Lanes(head_dim - d));
    }
  }

 private:
  static int Lanes(uint32_t left) { return left < I::kLanes ? static_cast<int>(left) : I::kLanes; }
  static uint32_t Min(uint32_t a, uint32_t b) { return a < b ? a : b; }
  static uint32_t Max(uint32_t a, uint32_t b) { return a > b ? a : b; }

  // What a column sees, as tokens of the span: [begin, end).
  struct Range {
    uint32_t begin = 0;
    uint32_t end = 0;
    bool empty() const { return begin >= end; }
  };

  static Range Visible(const AttentionSpan& span, uint32_t column) {
    const uint32_t first = span.first_visible != nullptr ? span.first_visible[column] : 0;
    const uint32_t position = span.positions[column];
    if (position < span.first_token) return {};
    const uint32_t tokens = span.page_count * kPageTokens;
    return {first > span.first_token ? Min(first - span.first_token, tokens) : 0,
            Min(position - span.first_token, tokens - 1) + 1};
  }

  // Columns that are worked on together, and what lies in the caches between the three steps.
  struct Block {
    uint32_t size = 0;
    uint32_t columns[kMaxBlock];
    const float* queries[kMaxBlock];
    Range ranges[kMaxBlock];
    Range any;  // the hull of the ranges
    Range all;  // what all columns see; may be empty
    alignas(64) float scores[kMaxBlock][kSpanTokens];
    alignas(64) float out[kMaxBlock][kMaxHeadDim];

    void Add(const AttentionSpan& span, uint32_t column, Range range) {
      if (size == 0) any = all = range;
      any = {Min(any.begin, range.begin), Max(any.end, range.end)};
      all = {Max(all.begin, range.begin), Min(all.end, range.end)};
      columns[size] = column;
      queries[size] = span.queries[column];
      ranges[size] = range;
      ++size;
    }
  };

  // Blocks of nearly equal size: 7 columns are 4 + 3, not 6 + 1.
  static uint32_t NextBlockSize(uint32_t left) {
    if (left <= kMaxBlock) return left;
    return left < 2 * kMaxBlock ? (left + 1) / 2 : kMaxBlock;
  }

  // Rows (tokens or dims) that `columns` columns' sums leave room for, in panels of 16: a power of
  // two.
  static constexpr int PanelsFor(int columns) {
    int panels = 8;
    while (panels > 1 && panels * I::kVectors * columns > kAccumulators) panels /= 2;
    return panels;
  }

  template <KvType kType>
  struct Typed {
    static constexpr uint32_t kBytes = KvElementBytes(kType);

    static F32 LoadElements(const std::byte* p) {
      if constexpr (kType == KvType::kF32) return I::LoadF32(reinterpret_cast<const float*>(p));
      if constexpr (kType == KvType::kF16) return I::LoadF16(p);
      if constexpr (kType == KvType::kQ8) return I::LoadI8(p);
    }

    static void Attend(const AttentionSpan& span) {
      uint32_t left = 0;
      for (uint32_t column = 0; column < span.columns; ++column) {
        if (Visible(span, column).empty()) {
          SeeNothing(span, column);
        } else {
          ++left;
        }
      }
      for (uint32_t column = 0; left > 0;) {
        Block block;
        const uint32_t size = NextBlockSize(left);
        for (; block.size < size; ++column) {
          const Range range = Visible(span, column);
          if (!range.empty()) block.Add(span, column, range);
        }
        left -= size;
        AttendBlock(span, block);
      }
    }

    static void SeeNothing(const AttentionSpan& span, uint32_t column) {
      span.max[column] = -__builtin_inff();
      span.sum[column] = 0;
      __builtin_memset(span.out[column], 0, span.value_dim * sizeof(float));
    }

    static void AttendBlock(const AttentionSpan& span, Block& block) {
      switch (block.size) {
        case 1:
          return AttendColumns<1>(span, block);
        case 2:
          return AttendColumns<2>(span, block);
        case 3:
          return AttendColumns<3>(span, block);
        case 4:
          return AttendColumns<4>(span, block);
        case 5:
          return AttendColumns<5>(span, block);
        default:
          return AttendColumns<6>(span, block);
      }
    }

    template <int kColumns>
    static void AttendColumns(const AttentionSpan& span, Block& block) {
      Scores<kColumns, PanelsFor(kColumns)>(span, block, block.any.begin / 16,
                                            (block.any.end + 15) / 16);
      for (uint32_t i = 0; i < kColumns; ++i) Softmax(span, block, i);

      const uint32_t dims = KvPaddedDim(span.value_dim);
      for (uint32_t i = 0; i < kColumns; ++i)
        __builtin_memset(block.out[i], 0, dims * sizeof(float));
      if (block.all.empty()) {
        for (uint32_t i = 0; i < kColumns; ++i) ValuesOfOne(span, block, i, block.ranges[i]);
      } else {
        // In token order for every column: what it sees before the common part, that part, what
        // comes after.
        for (uint32_t i = 0; i < kColumns; ++i) {
          ValuesOfOne(span, block, i, {block.ranges[i].begin, block.all.begin});
        }
        Values<kColumns, PanelsFor(kColumns)>(span, block.scores[0], block.out[0], block.all, 0,
                                              dims / 16);
        for (uint32_t i = 0; i < kColumns; ++i) {
          ValuesOfOne(span, block, i, {block.all.end, block.ranges[i].end});
        }
      }
      for (uint32_t i = 0; i < kColumns; ++i) {
        __builtin_memcpy(span.out[block.columns[i]], block.out[i], span.value_dim * sizeof(float));
      }
    }

    static void ValuesOfOne(const AttentionSpan& span, Block& block, uint32_t i, Range range) {
      if (range.empty()) return;
      Values<1, PanelsFor(1)>(span, block.scores[i], block.out[i], range, 0,
                              KvPaddedDim(span.value_dim) / 16);
    }

    // sums[row][m] += load(row) * scalar(m). The fewer of the two factors stay in registers
    // meanwhile: the sums nearly fill the register file.
    template <int kRows, int kColumns, typename Load, typename Scalar>
    static void MultiplyAdd(F32 (&sums)[kRows][kColumns], Load load, Scalar scalar) {
      if constexpr (kRows < kColumns) {
        F32 rows[kRows];
        LEDGE_UNROLL
        for (int row = 0; row < kRows; ++row) rows[row] = load(row);
        LEDGE_UNROLL
        for (int m = 0; m < kColumns; ++m) {
          const F32 column = I::Set1(scalar(m));
          LEDGE_UNROLL
          for (int row = 0; row < kRows; ++row)
            sums[row][m] = I::Fma(rows[row], column, sums[row][m]);
        }
      } else {
        F32 columns[kColumns];
        LEDGE_UNROLL
        for (int m = 0; m < kColumns; ++m) columns[m] = I::Set1(scalar(m));
        LEDGE_UNROLL
        for (int row = 0; row < kRows; ++row) {
          const F32 value = load(row);
          LEDGE_UNROLL
          for (int m = 0; m < kColumns; ++m) sums[row][m] = I::Fma(value, columns[m], sums[row][m]);
        }
      }
    }

    // The plain products query * key of the panels [begin, end) into block.scores.
    template <int kColumns, int kPanels>
    static void Scores(const AttentionSpan& span, Block& block, uint32_t begin, uint32_t end) {
      for (; begin + kPanels <= end; begin += kPanels) {
        ScoreTile<kColumns, kPanels>(span, block, begin);
      }
      if constexpr (kPanels > 1) {
        if (begin < end) Scores<kColumns, kPanels / 2>(span, block, begin, end);
      }
    }

    template <int kColumns, int kPanels>
    static void ScoreTile(const AttentionSpan& span, Block& block, uint32_t panel) {
      constexpr int kRows = kPanels * I::kVectors;
      const uint64_t panel_bytes = uint64_t{KvPaddedDim(span.key_dim)} * 16 * kBytes;
      const std::byte* keys[kPanels];
      for (uint32_t p = 0; p < kPanels; ++p) {
        keys[p] = span.pages[(panel + p) / 2] + (panel + p) % 2 * panel_bytes;
      }
      const std::byte* ahead[kPanels];
      for (uint32_t p = 0; p < kPanels; ++p)
        ahead[p] = AfterKeys(span, block.any, panel + kPanels + p);
      const float* queries[kColumns];
      for (int m = 0; m < kColumns; ++m) queries[m] = block.queries[m];

      F32 sums[kRows][kColumns];
      LEDGE_UNROLL
      for (int row = 0; row < kRows; ++row) {
        LEDGE_UNROLL
        for (int m = 0; m < kColumns; ++m) sums[row][m] = I::Zero();
      }
      for (uint32_t d = 0; d < span.key_dim; ++d) {
        const std::byte* dim[kPanels];
        LEDGE_UNROLL
        for (int p = 0; p < kPanels; ++p) {
          dim[p] = keys[p] + d * 16 * kBytes;
          __builtin_prefetch(ahead[p] + d * 16 * kBytes);
        }
        MultiplyAdd<kRows, kColumns>(
            sums,
            [&](int row) {
              return LoadElements(dim[row / I::kVectors] +
                                  static_cast<uint32_t>(row % I::kVectors) * (I::kLanes * kBytes));
            },
            [&](int m) { return queries[m][d]; });
      }
      LEDGE_UNROLL
      for (int row = 0; row < kRows; ++row) {
        LEDGE_UNROLL
        for (int m = 0; m < kColumns; ++m) {
          I::StoreF32(block.scores[m] + panel * 16 + row * I::kLanes, sums[row][m]);
        }
      }
    }

    // The keys of a panel; behind the last one that is seen, the values that are read next.
    static const std::byte* AfterKeys(const AttentionSpan& span, Range any, uint32_t panel) {
      const uint64_t panel_bytes = uint64_t{KvPaddedDim(span.key_dim)} * 16 * kBytes;
      const uint32_t end = (any.end + 15) / 16;
      if (panel < end) return span.pages[panel / 2] + panel % 2 * panel_bytes;
      const uint32_t past = panel - end;
      const uint32_t page = Min(any.begin / kPageTokens + past / 2, (any.end - 1) / kPageTokens);
      return span.pages[page] + KvValueOffset(kType, span.key_dim) + past % 2 * panel_bytes;
    }

    // Turns the products of one column into weights exp(score - max), times the value's scale for
    // q8.
    static void Softmax(const AttentionSpan& span, Block& block, uint32_t i) {
      const Range range = block.ranges[i];
      float* scores = block.scores[i];
      const uint32_t begin = range.begin / 16 * 16;
      const uint32_t end = (range.end + 15) / 16 * 16;
      for (uint32_t t = begin; t < end; t += I::kLanes) {
        I::StoreF32(scores + t, FinishScore(span, I::LoadF32(scores + t), t));
      }
      for (uint32_t t = begin; t < range.begin; ++t) scores[t] = -__builtin_inff();
      for (uint32_t t = range.end; t < end; ++t) scores[t] = -__builtin_inff();

      F32 lanes[kVectors];
      for (F32& lane : lanes) lane = I::Set1(-__builtin_inff());
      for (uint32_t t = begin; t < end; t += 16) {
        for (uint32_t v = 0; v < kVectors; ++v) {
          lanes[v] = I::Max(lanes[v], I::LoadF32(scores + t + v * I::kLanes));
        }
      }
      const float max = I::ReduceMax(lanes);

      for (F32& lane : lanes) lane = I::Zero();
      for (uint32_t t = begin; t < end; t += 16) {
        for (uint32_t v = 0; v < kVectors; ++v) {
          const uint32_t at = t + v * I::kLanes;
          const F32 weight = Math::Exp(I::Sub(I::LoadF32(scores + at), I::Set1(max)));
          lanes[v] = I::Add(lanes[v], weight);
          I::StoreF32(scores + at, WithValueScale(span, weight, at));
        }
      }
      span.max[block.columns[i]] = max;
      span.sum[block.columns[i]] = I::ReduceAdd(lanes);
    }

    static F32 FinishScore(const AttentionSpan& span, F32 score, uint32_t t) {
      if constexpr (kType == KvType::kQ8) {
        score = I::Mul(score, LoadScales(span, KvKeyScalesOffset(kType, span.key_dim), t));
      }
      score = I::Mul(score, I::Set1(span.scale));
      if (span.softcap != 0) {
        const F32 cap = I::Set1(span.softcap);
        score = I::Mul(cap, Math::Tanh(I::Div(score, cap)));
      }
      return score;
    }

    static F32 WithValueScale(const AttentionSpan& span, F32 weight, uint32_t t) {
      if constexpr (kType != KvType::kQ8) return weight;
      return I::Mul(weight,
                    LoadScales(span, KvValueScalesOffset(kType, span.key_dim, span.value_dim), t));
    }

    static F32 LoadScales(const AttentionSpan& span, uint64_t offset, uint32_t t) {
      const std::byte* scales = span.pages[t / kPageTokens] + offset;
      return I::LoadF32(reinterpret_cast<const float*>(scales) + t % kPageTokens);
    }

    // out[m][d] += sum over the tokens of `range` of weight[m][t] * value[t][d], for the panels of
    // 16 dims [begin, end). `weights` and `out` are rows of a Block.
    template <int kColumns, int kPanels>
    static void Values(const AttentionSpan& span, const float* weights, float* out, Range range,
                       uint32_t begin, uint32_t end) {
      for (; begin + kPanels <= end; begin += kPanels) {
        ValueTile<kColumns, kPanels>(span, weights, out + begin * 16, range, begin);
      }
      if constexpr (kPanels > 1) {
        if (begin < end) Values<kColumns, kPanels / 2>(span, weights, out, range, begin, end);
      }
    }

    template <int kColumns, int kPanels>
    static void ValueTile(const AttentionSpan& span, const float* weights, float* out, Range range,
                          uint32_t panel) {
      constexpr int kRows = kPanels * I::kVectors;
      const uint32_t token_bytes = KvPaddedDim(span.value_dim) * kBytes;
      const uint64_t offset = KvValueOffset(kType, span.key_dim) + uint64_t{panel} * 16 * kBytes;
      F32 sums[kRows][kColumns];
      LEDGE_UNROLL
      for (int row = 0; row < kRows; ++row) {
        LEDGE_UNROLL
        for (int m = 0; m < kColumns; ++m) {
          sums[row][m] = I::LoadF32(out + m * static_cast<int>(kMaxHeadDim) + row * I::kLanes);
        }
      }
      for (uint32_t t = range.begin; t < range.end;) {
        const uint32_t page_end = Min((t / kPageTokens + 1) * kPageTokens, range.end);
        const uint32_t page = t / kPageTokens;
        const std::byte* values = span.pages[page] + offset + t % kPageTokens * token_bytes;
        const std::byte* ahead = page_end < range.end ? span.pages[page + 1] + offset
                                                      : span.pages[range.begin / kPageTokens] +
                                                            offset + kPanels * 16 * kBytes;
        for (; t < page_end; ++t, values += token_bytes, ahead += token_bytes) {
          LEDGE_UNROLL
          for (int at = 0; at < kPanels * 16 * int{kBytes}; at += 64)
            __builtin_prefetch(ahead + at);
          MultiplyAdd<kRows, kColumns>(
              sums,
              [&](int row) {
                return LoadElements(values + static_cast<uint32_t>(row) * (I::kLanes * kBytes));
              },
              [&](int m) {
                return weights[m * static_cast<int>(kSpanTokens) + static_cast<int>(t)];
              });
        }
      }
      LEDGE_UNROLL
      for (int row = 0; row < kRows; ++row) {
        LEDGE_UNROLL
        for (int m = 0; m < kColumns; ++m) {
          I::StoreF32(out + m * static_cast<int>(kMaxHeadDim) + row * I::kLanes, sums[row][m]);
        }
      }
    }
  };
};

}  // namespace ledge
