// For the tests and the benchmark of this folder: rows of weights in a type's own blocks, packed
// into panels.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "gguf/tensor_type.h"
#include "kernels/panel.h"
#include "quant/half.h"
#include "quant/quant.h"

namespace ledge {

inline constexpr TensorType kPanelTypes[] = {
    TensorType::kF32,    TensorType::kF16,    TensorType::kBF16,    TensorType::kQ4_0,
    TensorType::kQ4_1,   TensorType::kQ8_0,   TensorType::kQ4_K,    TensorType::kQ6_K,
    TensorType::kQ5_K,   TensorType::kIQ4_NL, TensorType::kIQ4_XS,  TensorType::kIQ3_S,
    TensorType::kMXFP4,  TensorType::kQ5_0,   TensorType::kQ5_1,    TensorType::kQ2_K,
    TensorType::kQ3_K,   TensorType::kIQ1_S,  TensorType::kIQ1_M,   TensorType::kIQ2_XXS,
    TensorType::kIQ2_XS, TensorType::kIQ2_S,  TensorType::kIQ3_XXS, TensorType::kTQ1_0,
    TensorType::kTQ2_0};
inline bool IsFloatType(TensorType type) {
  return type == TensorType::kF32 || type == TensorType::kF16 || type == TensorType::kBF16;
}

// Byte offsets of the fp16 fields of a block.
inline std::span<const uint32_t> HalvesOf(TensorType type) {
  static constexpr uint32_t kFirst[] = {0}, kFirstTwo[] = {0, 2}, kQ6[] = {208}, kQ3[] = {108},
                            kQ2[] = {80, 82}, kTq1[] = {52}, kTq2[] = {64};
  switch (type) {
    case TensorType::kQ4_1:
    case TensorType::kQ5_1:
    case TensorType::kQ4_K:
    case TensorType::kQ5_K:
      return kFirstTwo;
    case TensorType::kQ6_K:
      return kQ6;
    case TensorType::kQ3_K:
      return kQ3;
    case TensorType::kQ2_K:
      return kQ2;
    case TensorType::kTQ1_0:
      return kTq1;
    case TensorType::kTQ2_0:
      return kTq2;
    case TensorType::kF32:
    case TensorType::kF16:
    case TensorType::kBF16:
    case TensorType::kMXFP4:
    case TensorType::kIQ1_M:
      return {};
    default:
      return kFirst;
  }
}
// Sets what is the block's scale, where that is no fp16 field, to a moderate size.
inline void SetOtherScale(TensorType type, std::byte* block) {
  if (type == TensorType::kMXFP4)
    block[0] = static_cast<std::byte>(120 + (static_cast<unsigned>(block[0]) & 7U));
  if (type == TensorType::kIQ1_M) {  // 0x2Axx: about 0.05
    for (uint32_t i = 0; i < 4; ++i) {
      static constexpr uint32_t kNibbles[] = {0x3000, 0x5000, 0xA000, 0x2000};
      std::byte* word = block + 48 + 2 * i;
      StoreU16(word, static_cast<uint16_t>((LoadU16(word) & 0x0FFFU) | kNibbles[i]));
    }
  }
}

// An array that starts on a cache line, as mapped panels do.
template <typename T>
class AlignedArray {
 public:
  explicit AlignedArray(size_t size) : size_(size), storage_(size * sizeof(T) + 64) {}
  T* data() {
    const auto at = reinterpret_cast<uintptr_t>(storage_.data());
    return reinterpret_cast<T*>(storage_.data() + (64 - at % 64) % 64);
  }
  const T* data() const { return const_cast<AlignedArray*>(this)->data(); }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }

 private:
  size_t size_;
  std::vector<std::byte> storage_;
};

struct Weights {
  TensorType type = TensorType::kF32;
  uint32_t rows = 0;
  uint32_t cols = 0;
  std::vector<std::byte> source;  // rows of blocks
  AlignedArray<std::byte> panels{0};

  uint64_t row_bytes() const { return source.size() / rows; }
  PanelMatrix matrix() const { return {type, rows, cols, panels.data()}; }

  void Pack() {
    const PanelLayout& layout = *FindPanelLayout(type);
    const uint64_t panel_bytes = PanelBytes(type, cols);
    panels = AlignedArray<std::byte>(PanelCount(rows) * panel_bytes);
    for (uint32_t p = 0; p < PanelCount(rows); ++p) {
      const uint32_t count = std::min(kPanelRows, rows - p * kPanelRows);
      layout.pack(source.data() + p * kPanelRows * row_bytes(), row_bytes(), count, cols,
                  panels.data() + p * panel_bytes);
    }
  }
};

// Random bits in every quant and packed scale, fp16 fields of moderate size; random floats for
// float types.
inline Weights RandomWeights(TensorType type, uint32_t rows, uint32_t cols, uint32_t seed) {
  const PanelLayout& layout = *FindPanelLayout(type);
  Weights w{type, rows, cols, {}, AlignedArray<std::byte>(0)};
  const uint64_t row_bytes = uint64_t{cols / layout.block_values} * layout.block_bytes;
  w.source.resize(rows * row_bytes);
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0f, 0.05f);
  if (IsFloatType(type)) {
    std::vector<float> row(cols);
    for (uint32_t r = 0; r < rows; ++r) {
      for (float& value : row) value = normal(random);
      EncodeRow(type, row.data(), cols, w.source.data() + r * row_bytes);
    }
  } else {
    for (size_t i = 0; i + 4 <= w.source.size(); i += 4) {
      const auto bits = static_cast<uint32_t>(random());
      std::memcpy(w.source.data() + i, &bits, 4);
    }
    for (size_t block = 0; block < w.source.size(); block += layout.block_bytes) {
      for (const uint32_t at : HalvesOf(type))
        StoreU16(w.source.data() + block + at, F32ToF16(normal(random)));
      SetOtherScale(type, w.source.data() + block);
    }
  }
  w.Pack();
  return w;
}

}  // namespace ledge
