#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <string_view>

#include "kernels/kernels.h"
#include "quant/half.h"
#include "testing/float_bits.h"

namespace ledge {
namespace {

using ::ledge::testing::RandomFloats;
using ::ledge::testing::SameBits;
using Floats = std::vector<float>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr KvType kTypes[] = {KvType::kF32, KvType::kF16, KvType::kQ8};

const Kernels& Scalar() { return *RunnableKernels().front(); }

struct Bytes64 {
  alignas(64) std::byte bytes[64];
};

// The pages of one span of one KV head. What is not stored is 0xFF everywhere: NaN as float, as
// half and as q8's scale.
class SpanCache {
 public:
  SpanCache(KvType type, uint32_t key_dim, uint32_t value_dim, uint32_t page_count)
      : type_(type), key_dim_(key_dim), value_dim_(value_dim) {
    const size_t bytes = KvHeadPageBytes(type, key_dim, value_dim);
    for (uint32_t i = 0; i < page_count; ++i) {
      memory_.push_back(std::make_unique<Bytes64[]>(bytes / 64));
      std::memset(memory_.back()[0].bytes, 0xFF, bytes);
      pages_.push_back(memory_.back()[0].bytes);
    }
  }

  void Store(uint32_t token, const Floats& key, const Floats& value) {
    Scalar().store_kv({type_, key_dim_, value_dim_, pages_[token / 32]}, token % 32, key.data(),
                      value.data());
  }
  // The same tokens for the same seed, whatever the range.
  void StoreRandom(uint32_t begin, uint32_t end, uint32_t seed) {
    for (uint32_t t = begin; t < end; ++t) {
      Store(t, RandomFloats(key_dim_, seed * 1000 + t),
            RandomFloats(value_dim_, seed * 1000 + t + 500));
    }
  }
  void DropPage(uint32_t page) { pages_[page] = nullptr; }

  KvType type() const { return type_; }
  uint32_t key_dim() const { return key_dim_; }
  uint32_t value_dim() const { return value_dim_; }
  const std::vector<std::byte*>& pages() const { return pages_; }

  double Key(uint32_t t, uint32_t d) const {
    return Element(t, 0, t % 32 / 16 * KvPaddedDim(key_dim_) * 16 + d * 16 + t % 16,
                   KvPartBytes(type_, key_dim_));
  }
  double Value(uint32_t t, uint32_t d) const {
    const uint64_t part = KvPartBytes(type_, key_dim_) + KvScaleBytes(type_);
    return Element(t, part, t % 32 * KvPaddedDim(value_dim_) + d,
                   part + KvPartBytes(type_, value_dim_));
  }

 private:
  double Element(uint32_t t, uint64_t base, uint64_t index, uint64_t scales) const {
    const std::byte* page = pages_[t / 32];
    const auto at = [&]<typename T>(T value, uint64_t offset) {
      std::memcpy(&value, page + offset, sizeof(T));
      return value;
    };
    if (type_ == KvType::kF32) return static_cast<double>(at(float{}, base + index * 4));
    if (type_ == KvType::kF16)
      return static_cast<double>(F16ToF32(at(uint16_t{}, base + index * 2)));
    return static_cast<double>(at(int8_t{}, base + index)) *
           static_cast<double>(at(float{}, scales + t % 32 * 4));
  }

  KvType type_;
  uint32_t key_dim_;
  uint32_t value_dim_;
  std::vector<std::unique_ptr<Bytes64[]>> memory_;
  std::vector<std::byte*> pages_;
};

struct Column {
  uint32_t position;
  uint32_t first_visible;
  Floats query;
};

struct Answer {
  float max = 0;
  float sum = 0;
  Floats out;
};

struct Settings {
  uint32_t first_token = 0;
  float softcap = 0;
  uint32_t page_count = 0;  // 0: all of the cache's
};

float ScaleFor(const SpanCache& cache) {
  return 1.0f / std::sqrt(static_cast<float>(cache.key_dim()));
}

std::vector<Answer> Attend(const Kernels& kernels, const SpanCache& cache,
                           std::span<const Column> columns, const Settings& settings) {
  std::vector<Answer> answers(columns.size());
  std::vector<const float*> queries;
  std::vector<uint32_t> positions;
  std::vector<uint32_t> first_visible;
  std::vector<float*> out;
  Floats max(columns.size(), kNan);
  Floats sum(columns.size(), kNan);
  constexpr size_t kGuard = 16;
  for (size_t i = 0; i < columns.size(); ++i) {
    queries.push_back(columns[i].query.data());
    positions.push_back(columns[i].position);
    first_visible.push_back(columns[i].first_visible);
    answers[i].out.assign(cache.value_dim() + kGuard, -77.0f);
    out.push_back(answers[i].out.data());
  }
  const bool windowed =
      std::any_of(first_visible.begin(), first_visible.end(), [](uint32_t t) { return t != 0; });
  const std::vector<const std::byte*> pages(cache.pages().begin(), cache.pages().end());
  kernels.attend_span({.type = cache.type(),
                       .key_dim = cache.key_dim(),
                       .value_dim = cache.value_dim(),
                       .first_token = settings.first_token,
                       .page_count = settings.page_count != 0 ? settings.page_count
                                                              : static_cast<uint32_t>(pages.size()),
                       .pages = pages.data(),
                       .columns = static_cast<uint32_t>(columns.size()),
                       .queries = queries.data(),
                       .positions = positions.data(),
                       .first_visible = windowed ? first_visible.data() : nullptr,
                       .scale = ScaleFor(cache),
                       .softcap = settings.softcap,
                       .max = max.data(),
                       .sum = sum.data(),
                       .out = out.data()});
  for (size_t i = 0; i < columns.size(); ++i) {
    answers[i].max = max[i];
    answers[i].sum = sum[i];
    for (size_t g = 0; g < kGuard; ++g) EXPECT_EQ(answers[i].out[cache.value_dim() + g], -77.0f);
    answers[i].out.resize(cache.value_dim());
  }
  return answers;
}

// In double, one token after the other; max and sum as the contract defines them.
void ExpectNaive(const SpanCache& cache, const Column& column, const Settings& settings,
                 const Answer& answer) {
  std::vector<std::pair<uint32_t, double>> scores;
  double max = -std::numeric_limits<double>::infinity();
  for (uint32_t t = 0; t < cache.pages().size() * 32; ++t) {
    const uint32_t absolute = settings.first_token + t;
    if (absolute < column.first_visible || absolute > column.position) continue;
    double score = 0;
    for (uint32_t d = 0; d < cache.key_dim(); ++d)
      score += static_cast<double>(column.query[d]) * cache.Key(t, d);
    score *= static_cast<double>(ScaleFor(cache));
    const auto cap = static_cast<double>(settings.softcap);
    if (cap != 0) score = cap * std::tanh(score / cap);
    scores.emplace_back(t, score);
    max = std::max(max, score);
  }
  if (scores.empty()) {
    EXPECT_EQ(answer.max, -kInf);
    EXPECT_EQ(answer.sum, 0.0f);
    EXPECT_TRUE(SameBits(answer.out, Floats(cache.value_dim(), 0.0f)));
    return;
  }
  EXPECT_NEAR(answer.max, max, 1e-5);
  double sum = 0;
  std::vector<double> out(cache.value_dim(), 0.0);
  for (const auto& [t, score] : scores) {
    const double weight = std::exp(score - max);
    sum += weight;
    for (uint32_t d = 0; d < out.size(); ++d) out[d] += weight * cache.Value(t, d);
  }
  EXPECT_NEAR(answer.sum / sum, 1.0, 2e-5);
  for (uint32_t d = 0; d < out.size(); ++d)
    EXPECT_NEAR(answer.out[d] / sum, out[d] / sum, 2e-5) << d;
}

void ExpectSame(const Answer& actual, const Answer& expected, std::string_view what) {
  EXPECT_TRUE(SameBits(std::array{actual.max, actual.sum}, std::array{expected.max, expected.sum}))
      << what;
  EXPECT_TRUE(SameBits(actual.out, expected.out)) << what;
}

Column MakeColumn(const SpanCache& cache, uint32_t position, uint32_t first_visible,
                  uint32_t seed) {
  return {position, first_visible, RandomFloats(cache.key_dim(), seed)};
}

// Some columns as decode and prefill have them: neighbours, the same position twice, near and far
// ones.
std::vector<Column> SomeColumns(const SpanCache& cache, uint32_t count, uint32_t tokens,
                                const Settings& settings, uint32_t window, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Column> columns;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t back = random() % 3 == 0 ? static_cast<uint32_t>(random() % tokens)
                                            : std::min((count - i) / 2, tokens - 1);
    const uint32_t position = settings.first_token + tokens - 1 - back;
    const uint32_t first = window == 0 || position + 1 < window ? 0 : position + 1 - window;
    columns.push_back(MakeColumn(cache, position, first, seed * 100 + i));
  }
  return columns;
}

struct Shape {
  uint32_t key_dim;
  uint32_t value_dim;
};

TEST(AttendSpan, MatchesNaiveAttentionAndItsReferencesBitsOnEveryIsa) {
  uint32_t seed = 1;
  for (const KvType type : kTypes) {
    for (const Shape shape : {Shape{4, 4},
                              {16, 16},
                              {20, 20},
                              {64, 64},
                              {80, 80},
                              {96, 96},
                              {128, 128},
                              {256, 256},
                              {40, 24},
                              {1, 512},
                              {512, 1},
                              {33, 49}}) {
      ++seed;
      const uint32_t pages = 1 + seed % 8;
      SpanCache cache(type, shape.key_dim, shape.value_dim, pages);
      const uint32_t tokens = 1 + seed * 37 % (pages * 32);
      cache.StoreRandom(0, tokens, seed);
      const Settings settings = {.first_token = seed % 3 * kSpanTokens,
                                 .softcap = seed % 2 == 0 ? 0.0f : 1.5f};
      const auto columns =
          SomeColumns(cache, 1 + seed % 15, tokens, settings, seed % 3 == 0 ? 20 : 0, seed);
      std::vector<Answer> expected[2];  // of the references, see kernels.h
      for (const Kernels* kernels : RunnableKernels()) {
        auto& answers = expected[kernels->fused ? 1 : 0];
        if (!answers.empty()) continue;
        answers = Attend(ReferenceOf(*kernels), cache, columns, settings);
        for (size_t i = 0; i < columns.size(); ++i)
          ExpectNaive(cache, columns[i], settings, answers[i]);
      }
      for (const Kernels* kernels : RunnableKernels()) {
        const auto answers = Attend(*kernels, cache, columns, settings);
        for (size_t i = 0; i < columns.size(); ++i)
          ExpectSame(answers[i], expected[kernels->fused ? 1 : 0][i], kernels->name);
      }
    }
  }
}

TEST(AttendSpan, HandlesEveryPageCountAndPositionsAtEveryBorder) {
  for (const KvType type : kTypes) {
    for (uint32_t pages = 1; pages <= kSpanPages; ++pages) {
      SpanCache cache(type, 20, 36, pages);
      const Settings settings = {.first_token = 2 * kSpanTokens};
      cache.StoreRandom(0, pages * 32, pages);
      std::vector<Column> columns;
      for (uint32_t page = 0; page <= pages; ++page) {
        for (const int offset : {-2, -1, 0, 1, 14, 15, 16, 17}) {
          const auto position =
              static_cast<uint32_t>(static_cast<int>(settings.first_token + page * 32) + offset);
          columns.push_back(MakeColumn(cache, position, 0, page));
          columns.push_back(MakeColumn(cache, position, position - 40, page));
          columns.push_back(MakeColumn(cache, position, position, page));
        }
      }
      for (const Kernels* kernels : RunnableKernels()) {
        const auto answers = Attend(*kernels, cache, columns, settings);
        for (size_t i = 0; i < columns.size(); ++i)
          ExpectNaive(cache, columns[i], settings, answers[i]);
      }
    }
  }
}

TEST(AttendSpan, GivesAColumnTheSameBitsInAnyCompany) {
  for (const KvType type : kTypes) {
    for (const Kernels* kernels : RunnableKernels()) {
      SpanCache cache(type, 36, 80, 8);
      cache.StoreRandom(0, 256, 9);
      for (const uint32_t count : {2u, 3u, 4u, 5u, 6u, 7u, 8u, 11u, 12u, 13u, 40u}) {
        const auto columns = SomeColumns(cache, count, 256, {}, count % 2 == 0 ? 50 : 0, count);
        const auto together = Attend(*kernels, cache, columns, {});
        for (size_t i = 0; i < count; ++i) {
          const auto alone = Attend(*kernels, cache, {&columns[i], 1}, {});
          ExpectSame(together[i], alone[0], kernels->name);
        }
      }
    }
  }
}

TEST(AttendSpan, LetsNothingUnseenTouchTheResult) {
  for (const KvType type : kTypes) {
    for (const Kernels* kernels : RunnableKernels()) {
      // One cache ends where the first column sees its last token, the other one goes on, as in a
      // prefill.
      SpanCache shorter(type, 24, 40, 4);
      SpanCache longer(type, 24, 40, 4);
      shorter.StoreRandom(0, 71, 5);
      longer.StoreRandom(0, 128, 5);
      // Large values whose product with a weight of 0 would still be 0, and tokens that would win
      // the max.
      longer.Store(72, Floats(24, 60000.0f), Floats(40, -60000.0f));
      const Column first = MakeColumn(shorter, 70, 13, 1);
      const auto expected = Attend(*kernels, shorter, {&first, 1}, {});
      const Column company[] = {MakeColumn(shorter, 127, 0, 2), first,
                                MakeColumn(shorter, 100, 60, 3)};
      ExpectSame(Attend(*kernels, longer, company, {})[1], expected[0], kernels->name);
      ExpectSame(Attend(*kernels, longer, {&first, 1}, {})[0], expected[0], kernels->name);
      ExpectSame(Attend(*kernels, longer, {&first, 1}, {.page_count = 3})[0], expected[0],
                 kernels->name);
      // Tokens before the window: garbage, then no page at all.
      SpanCache windowed(type, 24, 40, 4);
      windowed.StoreRandom(40, 71, 5);
      const Column late = {70, 40, first.query};
      ExpectSame(Attend(*kernels, windowed, {&late, 1}, {})[0],
                 Attend(*kernels, longer, {&late, 1}, {})[0], kernels->name);
      const auto before = Attend(*kernels, windowed, {&late, 1}, {});
      windowed.DropPage(0);
      windowed.DropPage(3);
      ExpectSame(Attend(*kernels, windowed, {&late, 1}, {})[0], before[0], kernels->name);
    }
  }
}

// A product so small that it rounds to -0 must stay -0, whatever weights of 0 follow.
TEST(AttendSpan, KeepsNegativeZeros) {
  for (const Kernels* kernels : RunnableKernels()) {
    SpanCache cache(KvType::kF32, 1, 1, 1);
    cache.Store(0, {0.0f}, {-1e-45f});
    cache.Store(1, {80.0f}, {-1e-30f});
    cache.Store(2, {0.0f}, {1.0f});
    const Column columns[] = {{0, 0, {1.0f}}, {1, 0, {-1.0f}}, {2, 0, {1.0f}}, {1, 1, {1.0f}}};
    const auto together = Attend(*kernels, cache, columns, {});
    for (size_t i = 0; i < 4; ++i)
      ExpectSame(together[i], Attend(*kernels, cache, {&columns[i], 1}, {})[0], "");
  }
}

TEST(AttendSpan, SaturatesUnderTheSoftcap) {
  for (const Kernels* kernels : RunnableKernels()) {
    SpanCache cache(KvType::kF32, 1, 1, 1);
    cache.Store(0, {1e30f}, {1.0f});
    cache.Store(1, {-1e30f}, {2.0f});
    const Column column = {1, 0, {1.0f}};
    const auto answer = Attend(*kernels, cache, {&column, 1}, {.softcap = 2.0f})[0];
    EXPECT_FLOAT_EQ(answer.max, 2.0f);
    EXPECT_FLOAT_EQ(answer.sum, 1.0f + std::exp(-4.0f));
    EXPECT_FLOAT_EQ(answer.out[0], 1.0f + 2.0f * std::exp(-4.0f));
  }
}

TEST(AttendSpan, ShowsANanThatAColumnSees) {
  for (const KvType type : kTypes) {
    for (const Kernels* kernels : RunnableKernels()) {
      SpanCache cache(type, 4, 4, 1);
      cache.StoreRandom(0, 20, 3);
      cache.Store(7, {1, kNan, 1, 1}, {1, 1, 1, 1});
      const Column columns[] = {MakeColumn(cache, 6, 0, 1), MakeColumn(cache, 7, 0, 1),
                                MakeColumn(cache, 19, 8, 1)};
      const auto answers = Attend(*kernels, cache, columns, {});
      EXPECT_FALSE(std::isnan(answers[0].out[0]));
      EXPECT_TRUE(std::isnan(answers[1].sum));
      EXPECT_TRUE(std::isnan(answers[1].out[0]));
      EXPECT_FALSE(std::isnan(answers[2].out[0]));
    }
  }
}

Floats Merge(const Kernels& kernels, const std::vector<Answer>& parts) {
  const size_t dim = parts.empty() ? 0 : parts[0].out.size();
  std::vector<SpanPartial> partials;
  for (const Answer& part : parts) partials.push_back({part.max, part.sum, part.out.data()});
  Floats out(dim + 16, -77.0f);
  kernels.merge_spans(partials.data(), static_cast<uint32_t>(parts.size()),
                      static_cast<uint32_t>(dim), out.data());
  for (size_t i = 0; i < 16; ++i) EXPECT_EQ(out[dim + i], -77.0f);
  out.resize(dim);
  return out;
}

TEST(MergeSpans, GivesTheWholeSoftmaxOnEveryIsa) {
  for (const uint32_t dim : {1u, 4u, 16u, 20u, 80u, 128u, 512u}) {
    for (const uint32_t count : {1u, 2u, 3u, 17u}) {
      std::vector<Answer> parts;
      const Floats max = RandomFloats(count, dim + count, 5.0f);
      std::vector<double> exact(dim, 0.0);
      double sum = 0;
      const double top = static_cast<double>(*std::max_element(max.begin(), max.end()));
      for (uint32_t i = 0; i < count; ++i) {
        parts.push_back({max[i], 1.0f + static_cast<float>(i), RandomFloats(dim, i * 7 + dim)});
        const double weight = std::exp(static_cast<double>(max[i]) - top);
        sum += weight * static_cast<double>(parts[i].sum);
        for (uint32_t d = 0; d < dim; ++d)
          exact[d] += weight * static_cast<double>(parts[i].out[d]);
      }
      for (const Kernels* kernels : RunnableKernels()) {
        const Floats expected = Merge(ReferenceOf(*kernels), parts);
        for (uint32_t d = 0; d < dim; ++d) ASSERT_NEAR(expected[d], exact[d] / sum, 1e-6);
        EXPECT_TRUE(SameBits(Merge(*kernels, parts), expected)) << kernels->name;
        // Spans that the column does not see, wherever they stand, change nothing.
        auto more = parts;
        more.insert(more.begin(), Answer{-kInf, 0.0f, Floats(dim, kNan)});
        more.push_back(more.front());
        EXPECT_TRUE(SameBits(Merge(*kernels, more), expected)) << kernels->name;
      }
    }
  }
}

TEST(MergeSpans, OfNothingSeenIsZeroAndNanStaysNan) {
  for (const Kernels* kernels : RunnableKernels()) {
    EXPECT_TRUE(SameBits(Merge(*kernels, {{-kInf, 0.0f, Floats(20, 0.0f)}}), Floats(20, 0.0f)));
    EXPECT_TRUE(
        SameBits(Merge(*kernels, {{1.0f, 1.0f, Floats(20, 1.0f)}, {kNan, kNan, Floats(20, kNan)}}),
                 Floats(20, kNan)));
    EXPECT_TRUE(SameBits(Merge(*kernels, {{-kInf, kNan, Floats(20, kNan)}}), Floats(20, kNan)));
  }
}

// 700 tokens over three spans against softmax over all of them at once, in double.
TEST(MergeSpans, OfAttendedSpansIsAttentionOverAllTokens) {
  for (const KvType type : kTypes) {
    std::vector<SpanCache> spans;
    for (uint32_t s = 0; s < 3; ++s) {
      spans.emplace_back(type, 64, 64, s == 2 ? 6 : 8);
      spans.back().StoreRandom(0, s == 2 ? 188 : 256, 40 + s);
    }
    for (const uint32_t position : {0u, 255u, 256u, 400u, 511u, 512u, 699u}) {
      const Column column = MakeColumn(spans[0], position, 0, position);
      std::vector<double> exact(64, 0.0);
      double sum = 0;
      for (uint32_t t = 0; t <= position; ++t) {
        const SpanCache& cache = spans[t / 256];
        double score = 0;
        for (uint32_t d = 0; d < 64; ++d)
          score += static_cast<double>(column.query[d]) * cache.Key(t % 256, d);
        const double weight = std::exp(score / 8);
        sum += weight;
        for (uint32_t d = 0; d < 64; ++d) exact[d] += weight * cache.Value(t % 256, d);
      }
      for (const Kernels* kernels : RunnableKernels()) {
        std::vector<Answer> parts;
        for (uint32_t s = 0; s < 3; ++s) {
          parts.push_back(
              Attend(*kernels, spans[s], {&column, 1}, {.first_token = s * kSpanTokens})[0]);
        }
        const Floats out = Merge(*kernels, parts);
        for (uint32_t d = 0; d < 64; ++d) ASSERT_NEAR(out[d], exact[d] / sum, 1e-5) << position;
      }
    }
  }
}

}  // namespace
}  // namespace ledge
