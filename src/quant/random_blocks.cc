#include "quant/random_blocks.h"

#include <cmath>
#include <cstdint>
#include <cstring>

#include "quant/half.h"

namespace ledge {
namespace {

constexpr float kNibbleDeviation = 4.61F;  // of a uniform 0..15
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

// Scales and minima of the groups equal, and dmin = 7.5 d, centre every group.
void SetQ4K(std::span<std::byte> blocks, float deviation, RandomBits& random) {
  for (size_t b = 0; b < blocks.size(); b += 144) {
    std::byte* block = blocks.data() + b;
    const float d = Scale(deviation / (kNibbleDeviation * 40.0F), static_cast<uint32_t>(random()));
    StoreU16(block, F32ToF16Saturated(d));
    StoreU16(block + 2, F32ToF16Saturated(7.5F * d));
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
  switch (type) {
    case TensorType::kQ4_0:
      return SetScales(blocks, 18, 0, deviation / kNibbleDeviation, random);
    case TensorType::kQ8_0:
      return SetScales(blocks, 34, 0, deviation / kByteDeviation, random);
    case TensorType::kQ4_1:
      return SetQ41(blocks, deviation, random);
    case TensorType::kQ4_K:
      return SetQ4K(blocks, deviation, random);
    case TensorType::kQ6_K:
      return SetQ6K(blocks, deviation, random);
    default:
      return;
  }
}

}  // namespace ledge
