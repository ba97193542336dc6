// F32, F16 and BF16 for the float micro-kernel: how one k of a vector of rows is loaded.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/inline.h"

namespace ledge {

struct F32Codec {
  static constexpr uint32_t kElementBytes = 4;
  template <typename S>
  LEDGE_INLINE static typename S::F32 Load(const std::byte* p) {
    return S::FloatOf(S::LoadI32(p));
  }
};

struct F16Codec {
  static constexpr uint32_t kElementBytes = 2;
  template <typename S>
  LEDGE_INLINE static typename S::F32 Load(const std::byte* p) {
    return S::LoadF16(p);
  }
};

struct Bf16Codec {
  static constexpr uint32_t kElementBytes = 2;
  template <typename S>
  LEDGE_INLINE static typename S::F32 Load(const std::byte* p) {
    return S::LoadBf16(p);
  }
};

}  // namespace ledge
