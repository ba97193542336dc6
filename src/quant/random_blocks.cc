#include "quant/random_blocks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "quant/half.h"

namespace ledge {
namespace {

constexpr float kNibbleDeviation = 4.61F;  // of a uniform 0..15
constexpr float kFiveDeviation = 9.23F;    // of a uniform 0..31
constexpr float kE2m1Deviation = 2.95F;    // of MXFP4's values
constexpr float kIq1Deviation = 7.22F;     // of IQ1_S and IQ1_M with a scale of 1
constexpr float kByteDeviation = 73.9F;    // of a uniform -128..127
constexpr float kSixDeviation = 18.5F;     // of a uniform 0..63

void FillBits(RandomBits& random, std::span<std::byte> out) {
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= out.size(); at += sizeof(uint64_t)) {
    const uint64_t bits = random();
    std::memcpy(out.data() + at, &bits, sizeof(bits));
  }
  const uint64_t bits = random();
  std::memcpy(out.data() + at, &bits, out.size() - at);
}

// A scale of 3/4 to 5/4 of `middle`, with a random sign so that a format's lopsided range averages
// out.
float Scale(float middle, uint32_t bits) {
  const float factor = 0.75F + 0.5F * static_cast<float>(bits & 0xFFFFU) / 65536.0F;
  return (bits & 0x10000U) != 0 ? -middle * factor : middle * factor;
}

// Quants of uniform bits already fill the block; this sets what stands at `at` to a scale.
void SetScales(std::span<std::byte> blocks, size_t block_bytes, size_t at, float middle,
               RandomBits& random) {
  for (size_t b = 0; b < blocks.size(); b += block_bytes) {
    StoreU16(blocks.data() + b + at,
             F32ToF16Saturated(Scale(middle, static_cast<uint32_t>(random()))));
  }
}

// value = d * nibble + m, with m = -7.5 d to be centred.
void SetQ41(std::span<std::byte> blocks, float deviation, RandomBits& random) {
  for (size_t b = 0; b < blocks.size(); b += 20) {
    const float d = Scale(deviation / kNibbleDeviation, static_cast<uint32_t>(random()));
    StoreU16(blocks.data() + b, F32ToF16Saturated(d));
    StoreU16(blocks.data() + b + 2, F32ToF16Saturated(-7.5F * d));
  }
}

// Q4_K and Q5_K. Scales and minima of the groups equal, and dmin = the middle of q times d, centre
// every group. `unit`: the deviation of q.
void SetSixes(std::span<std::byte> blocks, size_t block_bytes, float middle, float unit,
              float deviation, RandomBits& random) {
  for (size_t b = 0; b < blocks.size(); b += block_bytes) {
    std::byte* block = blocks.data() + b;
    const float d = Scale(deviation / (unit * 40.0F), static_cast<uint32_t>(random()));
    StoreU16(block, F32ToF16Saturated(d));
    StoreU16(block + 2, F32ToF16Saturated(middle * d));
    for (size_t g = 0; g < 4; ++g) {
      // 6-bit scales of 32 to 63: low groups carry them in place, high groups as 4 bits and the top
      // bits.
      const auto low = static_cast<unsigned>(block[4 + g]) & 31U;
      const auto high = static_cast<unsigned>(block[12 + g]) & 15U;
      const auto place = static_cast<std::byte>(32U | low | (2U << 6));
      block[4 + g] = place;
      block[8 + g] = place;
      block[12 + g] = static_cast<std::byte>(high | (high << 4));
    }
  }
}

// value = d * q + m of 32 levels, centred as in Q4_1.
void SetQ51(std::span<std::byte> blocks, float deviation, RandomBits& random) {
  for (size_t b = 0; b < blocks.size(); b += 24) {
    const float d = Scale(deviation / kFiveDeviation, static_cast<uint32_t>(random()));
    StoreU16(blocks.data() + b, F32ToF16Saturated(d));
    StoreU16(blocks.data() + b + 2, F32ToF16Saturated(-15.5F * d));
  }
}

// Scales and minima equal, and dmin = 1.5 d, centre every group.
void SetQ2K(std::span<std::byte> blocks, float deviation, RandomBits& random) {
  for (size_t b = 0; b < blocks.size(); b += 84) {
    std::byte* block = blocks.data() + b;
    for (size_t g = 0; g < 16; ++g) {
      const auto s = 8U | (static_cast<unsigned>(block[g]) & 7U);
      block[g] = static_cast<std::byte>(s | s << 4);
    }
    const float d = Scale(deviation / (1.118F * 11.7F), static_cast<uint32_t>(random()));
    StoreU16(block + 80, F32ToF16Saturated(d));
    StoreU16(block + 82, F32ToF16Saturated(1.5F * d));
  }
}

// The scale is a power of two within a factor of 1.5.
void SetMxfp4(std::span<std::byte> blocks, float deviation) {
  const int exponent = static_cast<int>(std::lround(std::log2(deviation / kE2m1Deviation)));
  for (size_t b = 0; b < blocks.size(); b += 17)
    blocks[b] = static_cast<std::byte>(std::clamp(exponent + 127, 1, 254));
}

// d is in the upper 4 bits of four words.
void SetIq1M(std::span<std::byte> blocks, float deviation, RandomBits& random) {
  for (size_t b = 0; b < blocks.size(); b += 56) {
    const uint16_t d =
        F32ToF16Saturated(Scale(deviation / kIq1Deviation, static_cast<uint32_t>(random())));
    for (size_t i = 0; i < 4; ++i) {
      std::byte* word = blocks.data() + b + 48 + 2 * i;
      StoreU16(word, static_cast<uint16_t>((LoadU16(word) & 0x0FFFU) | (d >> 4 * i & 15U) << 12));
    }
  }
}

// Types whose only scale outside of the quants is a half, and their deviation for uniform bits and
// a scale of 1 (measured).
struct ScaledType {
  TensorType type;
  size_t block_bytes;
  size_t scale_at;
  float deviation;
};
constexpr ScaledType kScaledTypes[] = {{TensorType::kQ4_0, 18, 0, kNibbleDeviation},
                                       {TensorType::kQ8_0, 34, 0, kByteDeviation},
                                       {TensorType::kQ5_0, 22, 0, 9.22F},
                                       {TensorType::kQ3_K, 110, 108, 43.4F},
                                       {TensorType::kIQ4_NL, 18, 0, 67.3F},
                                       {TensorType::kIQ4_XS, 136, 0, 1248.0F},
                                       {TensorType::kIQ3_S, 110, 0, 140.4F},
                                       {TensorType::kIQ3_XXS, 98, 0, 142.1F},
                                       {TensorType::kIQ2_XXS, 66, 0, 53.3F},
                                       {TensorType::kIQ2_XS, 74, 0, 55.9F},
                                       {TensorType::kIQ2_S, 82, 0, 56.5F},
                                       {TensorType::kIQ1_S, 50, 0, kIq1Deviation},
                                       {TensorType::kTQ1_0, 54, 52, 0.818F},
                                       {TensorType::kTQ2_0, 66, 64, 1.2256F}};

void SetQ6K(std::span<std::byte> blocks, float deviation, RandomBits& random) {
  for (size_t b = 0; b < blocks.size(); b += 210) {
    std::byte* block = blocks.data() + b;
    for (size_t g = 0; g < 16; ++g) {
      const auto bits = static_cast<unsigned>(block[192 + g]);
      const int scale = 64 + static_cast<int>(bits & 63U);
      block[192 + g] =
          static_cast<std::byte>(static_cast<int8_t>((bits & 128U) != 0 ? -scale : scale));
    }
    const float d = Scale(deviation / (kSixDeviation * 96.0F), static_cast<uint32_t>(random()));
    StoreU16(block + 208, F32ToF16Saturated(d));
  }
}

// A uniform weight of the wanted deviation out of 16 random bits.
float Uniform(uint16_t bits, float deviation) {
  const float limit = deviation * std::sqrt(3.0F);
  return (static_cast<float>(bits) + 0.5F - 32768.0F) / 32768.0F * limit;
}

template <uint16_t (*kFromFloat)(float)>
void FillHalves(float deviation, RandomBits& random, std::span<std::byte> out) {
  FillBits(random, out);
  for (size_t at = 0; at < out.size(); at += 2) {
    StoreU16(out.data() + at, kFromFloat(Uniform(LoadU16(out.data() + at), deviation)));
  }
}

void FillFloats(float deviation, RandomBits& random, std::span<std::byte> out) {
  FillBits(random, out);
  for (size_t at = 0; at < out.size(); at += 4) {
    const float value = Uniform(LoadU16(out.data() + at), deviation);
    std::memcpy(out.data() + at, &value, sizeof(value));
  }
}

}  // namespace

void FillRandomBlocks(TensorType type, float deviation, RandomBits& random,
                      std::span<std::byte> blocks) {
  switch (type) {
    case TensorType::kF32:
      return FillFloats(deviation, random, blocks);
    case TensorType::kF16:
      return FillHalves<F32ToF16Saturated>(deviation, random, blocks);
    case TensorType::kBF16:
      return FillHalves<F32ToBf16>(deviation, random, blocks);
    default:
      break;
  }
  FillBits(random, blocks);
  for (const ScaledType& scaled : kScaledTypes) {
    if (scaled.type == type) {
      return SetScales(blocks, scaled.block_bytes, scaled.scale_at, deviation / scaled.deviation,
                       random);
    }
  }
  switch (type) {
    case TensorType::kQ4_1:
      return SetQ41(blocks, deviation, random);
    case TensorType::kQ4_K:
      return SetSixes(blocks, 144, 7.5F, kNibbleDeviation, deviation, random);
    case TensorType::kQ5_K:
      return SetSixes(blocks, 176, 15.5F, kFiveDeviation, deviation, random);
    case TensorType::kQ5_1:
      return SetQ51(blocks, deviation, random);
    case TensorType::kQ2_K:
      return SetQ2K(blocks, deviation, random);
    case TensorType::kMXFP4:
      return SetMxfp4(blocks, deviation);
    case TensorType::kIQ1_M:
      return SetIq1M(blocks, deviation, random);
    case TensorType::kQ6_K:
      return SetQ6K(blocks, deviation, random);
    default:
      return;
  }
}

}  // namespace ledge
