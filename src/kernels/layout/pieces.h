// What all panel layouts have in common.
//
// A panel is a sequence of groups of 256 k (the last may be shorter). A group is a sequence of
// pieces: a piece of n bytes takes the same n source bytes of each of the 16 rows, row r's at r *
// n. So a layout is nothing but the order in which a group's source bytes are taken, and packing,
// unpacking and reading one row follow from it:
//
//   struct Layout {
//     static constexpr TensorType kType;
//     static constexpr uint32_t kBlockValues, kBlockBytes;  // as in gguf/tensor_type.h
//     static constexpr uint8_t kFlip;                       // XORed into the bytes of 4-byte
//     pieces
//     // Calls piece.template operator()<n>(source offset within the group) for each piece in panel
//     order. static void Group(uint32_t values, auto&& piece);
//   };
#pragma once

#include <algorithm>
#include <cstring>

#include "kernels/activation.h"
#include "kernels/panel.h"
#include "quant/quant.h"

namespace ledge {

template <typename Layout>
struct Pieces {
  static constexpr uint32_t kGroup = kActGroupValues;
  static constexpr uint32_t kFlip32 = Layout::kFlip * 0x01010101u;

  static constexpr uint32_t SourceBytes(uint32_t values) {
    return values / Layout::kBlockValues * Layout::kBlockBytes;
  }

  template <int kBytes>
  static void Copy(std::byte* to, const std::byte* from) {
    if constexpr (kBytes == 4 && Layout::kFlip != 0) {
      uint32_t word;
      std::memcpy(&word, from, sizeof(word));
      word ^= kFlip32;
      std::memcpy(to, &word, sizeof(word));
    } else {
      std::memcpy(to, from, kBytes);
    }
  }

  static void Pack(const std::byte* rows, uint64_t row_bytes, uint32_t count, uint32_t cols,
                   std::byte* panel) {
    for (uint32_t k = 0; k < cols; k += kGroup) {
      const uint32_t values = std::min(kGroup, cols - k);
      Layout::Group(values, [&]<int kBytes>(uint32_t source) {
        if (count < kPanelRows) std::memset(panel, 0, kPanelRows * kBytes);
        for (uint32_t r = 0; r < count; ++r)
          Copy<kBytes>(panel + r * kBytes, rows + r * row_bytes + source);
        panel += kPanelRows * kBytes;
      });
      rows += SourceBytes(values);
    }
  }

  static void Unpack(const std::byte* panel, uint32_t count, uint32_t cols, uint64_t row_bytes,
                     std::byte* rows) {
    for (uint32_t k = 0; k < cols; k += kGroup) {
      const uint32_t values = std::min(kGroup, cols - k);
      Layout::Group(values, [&]<int kBytes>(uint32_t source) {
        for (uint32_t r = 0; r < count; ++r)
          Copy<kBytes>(rows + r * row_bytes + source, panel + r * kBytes);
        panel += kPanelRows * kBytes;
      });
      rows += SourceBytes(values);
    }
  }

  static void DecodeRow(const std::byte* panel, uint32_t row, uint32_t cols, float* out) {
    std::byte source_bytes[SourceBytes(kGroup)];
    for (uint32_t k = 0; k < cols; k += kGroup) {
      const uint32_t values = std::min(kGroup, cols - k);
      Layout::Group(values, [&]<int kBytes>(uint32_t source) {
        Copy<kBytes>(source_bytes + source, panel + row * kBytes);
        panel += kPanelRows * kBytes;
      });
      ledge::DecodeRow(Layout::kType, source_bytes, values, out + k);
    }
  }
};

template <typename Layout>
constexpr PanelLayout MakePanelLayout() {
  return {.type = Layout::kType,
          .block_values = Layout::kBlockValues,
          .block_bytes = Layout::kBlockBytes,
          .pack = Pieces<Layout>::Pack,
          .unpack = Pieces<Layout>::Unpack,
          .decode_row = Pieces<Layout>::DecodeRow};
}

// In the files of this folder; layout.cc lists them.
extern const PanelLayout kF32Layout;
extern const PanelLayout kF16Layout;
extern const PanelLayout kBf16Layout;
extern const PanelLayout kQ4_0Layout;
extern const PanelLayout kQ4_1Layout;
extern const PanelLayout kQ8_0Layout;
extern const PanelLayout kQ4KLayout;
extern const PanelLayout kQ6KLayout;
extern const PanelLayout kQ5KLayout;
extern const PanelLayout kIq4NlLayout;
extern const PanelLayout kIq4XsLayout;
extern const PanelLayout kIq3SLayout;
extern const PanelLayout kMxfp4Layout;
// nullptr for a type that is none of them.
const PanelLayout* FindWholeBlocks(TensorType type);

}  // namespace ledge
