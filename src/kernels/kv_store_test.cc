#include "kernels/kv_store.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "kernels/kernels.h"
#include "quant/half.h"
#include "testing/float_bits.h"

namespace ledge {
namespace {

using ::ledge::testing::RandomFloats;
using Floats = std::vector<float>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr KvType kTypes[] = {KvType::kF32, KvType::kF16, KvType::kQ8};

struct Bytes64 {
  alignas(64) std::byte bytes[64];
};

// A page part full of 0xFF, with its elements read back as the layout says.
class Page {
 public:
  Page(KvType type, uint32_t key_dim, uint32_t value_dim)
      : type_(type),
        key_dim_(key_dim),
        value_dim_(value_dim),
        size_(KvHeadPageBytes(type, key_dim, value_dim)),
        memory_(std::make_unique<Bytes64[]>(size_ / 64 + 1)) {
    std::memset(data(), 0xFF, size_ + 64);
  }

  std::byte* data() const { return memory_[0].bytes; }
  size_t size() const { return size_; }
  KvHeadPage part() const { return {type_, key_dim_, value_dim_, data()}; }

  float Key(uint32_t token, uint32_t dim) const {
    const uint64_t panel = token / 16 * KvPaddedDim(key_dim_) * 16;
    return Element(0, panel + dim * 16 + token % 16, KvPartBytes(type_, key_dim_), token);
  }
  float Value(uint32_t token, uint32_t dim) const {
    const uint64_t part = KvPartBytes(type_, key_dim_) + KvScaleBytes(type_);
    return Element(part, token * KvPaddedDim(value_dim_) + dim,
                   part + KvPartBytes(type_, value_dim_), token);
  }
  bool BehindIsUntouched() const {
    for (size_t i = size_; i < size_ + 64; ++i) {
      if (data()[i] != std::byte{0xFF}) return false;
    }
    return true;
  }

 private:
  template <typename T>
  T At(uint64_t offset) const {
    T value;
    std::memcpy(&value, data() + offset, sizeof(T));
    return value;
  }
  float Element(uint64_t base, uint64_t index, uint64_t scales, uint32_t token) const {
    if (type_ == KvType::kF32) return At<float>(base + index * 4);
    if (type_ == KvType::kF16) return F16ToF32(At<uint16_t>(base + index * 2));
    return static_cast<float>(At<int8_t>(base + index)) * At<float>(scales + token * 4);
  }

  KvType type_;
  uint32_t key_dim_;
  uint32_t value_dim_;
  size_t size_;
  std::unique_ptr<Bytes64[]> memory_;
};

double Tolerance(KvType type, const Floats& x) {
  if (type == KvType::kF32) return 0;
  float amax = 0;
  for (const float v : x) amax = std::max(amax, std::abs(v));
  return static_cast<double>(amax) * (type == KvType::kF16 ? 1.0 / 2048 : 0.501 / 127);
}

TEST(StoreKv, PutsElementsWhereTheLayoutSays) {
  for (const KvType type : kTypes) {
    for (const auto& [key_dim, value_dim] :
         {std::pair{128u, 128u}, {4u, 20u}, {80u, 64u}, {33u, 1u}, {512u, 512u}}) {
      for (const Kernels* kernels : RunnableKernels()) {
        Page page(type, key_dim, value_dim);
        std::vector<Floats> keys;
        std::vector<Floats> values;
        for (uint32_t slot = 0; slot < kPageTokens; ++slot) {
          keys.push_back(RandomFloats(key_dim, slot, 2.0f));
          values.push_back(RandomFloats(value_dim, slot + 100, 0.3f));
          kernels->store_kv(page.part(), slot, keys[slot].data(), values[slot].data());
        }
        for (uint32_t slot = 0; slot < kPageTokens; ++slot) {
          for (uint32_t d = 0; d < key_dim; ++d) {
            ASSERT_NEAR(page.Key(slot, d), keys[slot][d], Tolerance(type, keys[slot]));
          }
          for (uint32_t d = 0; d < value_dim; ++d) {
            ASSERT_NEAR(page.Value(slot, d), values[slot][d], Tolerance(type, values[slot]));
          }
        }
        ASSERT_TRUE(page.BehindIsUntouched());
      }
    }
  }
}

TEST(StoreKv, LeavesOtherSlotsAlone) {
  for (const KvType type : kTypes) {
    for (const Kernels* kernels : RunnableKernels()) {
      Page page(type, 20, 20);
      const Floats ones(20, 1.0f);
      for (const uint32_t slot : {0u, 15u, 16u, 31u})
        kernels->store_kv(page.part(), slot, ones.data(), ones.data());
      const Floats twos(20, 2.0f);
      kernels->store_kv(page.part(), 14, twos.data(), twos.data());
      for (const uint32_t slot : {0u, 15u, 16u, 31u}) {
        for (uint32_t d = 0; d < 20; ++d) {
          ASSERT_FLOAT_EQ(page.Key(slot, d), 1.0f);
          ASSERT_FLOAT_EQ(page.Value(slot, d), 1.0f);
        }
      }
      ASSERT_FLOAT_EQ(page.Key(14, 19), 2.0f);
    }
  }
}

TEST(StoreKv, WritesTheSameBytesOnEveryIsa) {
  const Floats special = {0.0f,     -0.0f,    1e-45f,  1e-40f, 6e-8f,    -6.1e-5f,  65504.0f,
                          65519.0f, 65520.0f, -1e30f,  3e38f,  0.5f,     1.5f,      2.5f,
                          -0.5f,    1e-31f,   2049.0f, 0.1f,   -2051.0f, 8388607.5f};
  for (const KvType type : kTypes) {
    for (uint32_t variant = 0; variant < 40; ++variant) {
      Floats key = variant == 0 ? special : RandomFloats(20, variant, 5.0f);
      if (variant == 1) key[13] = kNan;
      if (variant == 2) key[0] = -kInf;
      if (variant == 3) key.assign(20, 0.0f);
      if (variant == 4) key.assign(20, 1e-38f);
      if (variant == 5) key.assign(20, -1e-40f);
      Page expected(type, 20, 20);
      RunnableKernels().front()->store_kv(expected.part(), variant % 32, key.data(), key.data());
      for (const Kernels* kernels : RunnableKernels()) {
        Page page(type, 20, 20);
        kernels->store_kv(page.part(), variant % 32, key.data(), key.data());
        ASSERT_EQ(std::memcmp(page.data(), expected.data(), page.size()), 0)
            << kernels->name << " " << variant;
      }
    }
  }
}

TEST(StoreKv, ClampsToTheRangeOfF16AndKeepsNan) {
  for (const Kernels* kernels : RunnableKernels()) {
    Page page(KvType::kF16, 4, 4);
    const Floats x = {kInf, -1e20f, kNan, 65519.0f};
    kernels->store_kv(page.part(), 3, x.data(), x.data());
    EXPECT_EQ(page.Key(3, 0), 65504.0f);
    EXPECT_EQ(page.Key(3, 1), -65504.0f);
    EXPECT_TRUE(std::isnan(page.Value(3, 2)));
    EXPECT_EQ(page.Value(3, 3), 65504.0f);
  }
}

TEST(StoreKv, GivesQ8ItsExtremes) {
  for (const Kernels* kernels : RunnableKernels()) {
    Page page(KvType::kQ8, 4, 4);
    const Floats x = {127.0f, -127.0f, 0.5f, 1.5f};  // scale 1; halves round to even
    kernels->store_kv(page.part(), 0, x.data(), x.data());
    EXPECT_EQ(page.Key(0, 0), 127.0f);
    EXPECT_EQ(page.Key(0, 1), -127.0f);
    EXPECT_EQ(page.Key(0, 2), 0.0f);
    EXPECT_EQ(page.Key(0, 3), 2.0f);

    const Floats zeros(4, 0.0f);
    kernels->store_kv(page.part(), 0, zeros.data(), zeros.data());
    EXPECT_EQ(page.Key(0, 0), 0.0f);

    for (const float bad : {kNan, kInf, -kInf}) {
      const Floats spoilt = {1.0f, bad, 1.0f, 1.0f};
      kernels->store_kv(page.part(), 0, spoilt.data(), spoilt.data());
      EXPECT_TRUE(std::isnan(page.Key(0, 0)));
      EXPECT_TRUE(std::isnan(page.Value(0, 3)));
    }
  }
}

}  // namespace
}  // namespace ledge
