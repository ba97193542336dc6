// Writes one token's key and value of one KV head into its slot of a page (kv_page.h has the
// layout).
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kv_page.h"

namespace ledge {

template <typename I>
struct KvStore {
  using F32 = typename I::F32;
  using I32 = typename I::I32;

  static void Store(const KvHeadPage& page, uint32_t slot, const float* key, const float* value) {
    switch (page.type) {
      case KvType::kF32:
        return StoreAs<float, CopyF32>(page, slot, key, value);
      case KvType::kF16:
        return StoreAs<uint16_t, ToF16>(page, slot, key, value);
      case KvType::kQ8:
        return StoreAs<int8_t, ToQ8>(page, slot, key, value);
    }
  }

 private:
  static constexpr float kMaxF16 = 65504.0f;

  // The encoders write KvPaddedDim(count) elements (zeros behind `count`) and return the scale, if
  // any.
  struct CopyF32 {
    static float Encode(const float* x, uint32_t count, float* out) {
      Pad(x, count, out);
      return 0;
    }
  };

  struct ToF16 {
    static float Encode(const float* x, uint32_t count, uint16_t* out) {
      alignas(64) float padded[kMaxHeadDim];
      Pad(x, count, padded);
      const F32 most = I::Set1(kMaxF16);
      const F32 least = I::Set1(-kMaxF16);
      for (uint32_t i = 0; i < KvPaddedDim(count); i += I::kLanes) {
        F32 v = I::LoadF32(padded + i);
        v = I::Select(I::Lt(most, v), most, v);  // NaN stays
        v = I::Select(I::Lt(v, least), least, v);
        I::StoreF16(out + i, v);
      }
      return 0;
    }
  };

  struct ToQ8 {
    static float Encode(const float* x, uint32_t count, int8_t* out) {
      alignas(64) float padded[kMaxHeadDim];
      Pad(x, count, padded);
      // Magnitudes order like their bits, NaN above infinity above all numbers.
      I32 most = I::ZeroI32();
      for (uint32_t i = 0; i < KvPaddedDim(count); i += I::kLanes) {
        most = I::MaxI32(most, I::BitsOf(I::Abs(I::LoadF32(padded + i))));
      }
      const int32_t amax_bits = I::ReduceMaxI32(most);
      float amax;
      __builtin_memcpy(&amax, &amax_bits, sizeof(amax));
      const bool finite = amax_bits < 0x7F800000;
      // Below, 127 / amax might overflow; such values are zero to any model.
      const bool zero = amax < 1e-30f;
      const F32 inverse = I::Set1(finite && !zero ? 127.0f / amax : 0.0f);
      for (uint32_t i = 0; i < KvPaddedDim(count); i += I::kLanes) {
        I32 q = I::ZeroI32();
        if (finite) q = I::ToI32(I::Mul(I::LoadF32(padded + i), inverse));
        I::StoreI8(out + i, q);
      }
      return !finite ? __builtin_nanf("") : zero ? 0.0f : amax / 127.0f;
    }
  };

  static void Pad(const float* x, uint32_t count, float* padded) {
    __builtin_memcpy(padded, x, count * sizeof(float));
    for (uint32_t i = count; i < KvPaddedDim(count); ++i) padded[i] = 0;
  }

  template <typename Element, typename Encoder>
  static void StoreAs(const KvHeadPage& page, uint32_t slot, const float* key, const float* value) {
    alignas(64) Element encoded[kMaxHeadDim];
    const float key_scale = Encoder::Encode(key, page.key_dim, encoded);
    const uint32_t panel = slot / 16 * KvPaddedDim(page.key_dim) * 16;
    Element* keys = reinterpret_cast<Element*>(page.data) + panel + slot % 16;
    for (uint32_t d = 0; d < KvPaddedDim(page.key_dim); ++d) keys[d * 16] = encoded[d];

    const float value_scale = Encoder::Encode(value, page.value_dim, encoded);
    const uint32_t padded = KvPaddedDim(page.value_dim);
    std::byte* values = page.data + KvValueOffset(page.type, page.key_dim);
    __builtin_memcpy(values + slot * padded * sizeof(Element), encoded, padded * sizeof(Element));

    if (page.type == KvType::kQ8) {
      StoreScale(page.data + KvKeyScalesOffset(page.type, page.key_dim), slot, key_scale);
      StoreScale(page.data + KvValueScalesOffset(page.type, page.key_dim, page.value_dim), slot,
                 value_scale);
    }
  }

  static void StoreScale(std::byte* scales, uint32_t slot, float scale) {
    __builtin_memcpy(scales + slot * sizeof(float), &scale, sizeof(float));
  }
};

}  // namespace ledge
