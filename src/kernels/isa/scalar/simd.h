// The scalar reference: the ISA traits as plain loops over 4 lanes (16 would compile four times as
// long). What every other ISA computes is defined here, bit for bit.
//
// The traits (each isa/<name>/simd.h offers a struct `Simd` with the same names in namespace
// isa_<name>):
//   kLanes      lanes of a vector; divides 16. kVectors = 16 / kLanes vectors make the 16 virtual
//   lanes in
//               which every reduction runs: element i of an array belongs to virtual lane i % 16.
//   F32, I32    a vector of floats, of 32-bit integers (also: of 4 * kLanes bytes)
//   Mask        a truth value a lane
//   Fma(a,b,c)  a * b + c rounded once; Fnma(a,b,c) = c - a * b rounded once (isa/unfused/simd.h:
//               twice); Fma also takes single floats
//   Max, Min    a > b ? a : b and a < b ? a : b, so the second operand if one is NaN
//   ToI32       to nearest, ties to even; |x| must be below 2^22
//   ...Partial  the first n lanes, 0 <= n <= kLanes; loads give zero in the others
//   DotU4, DotU5, DotU6, DotS8   sums of products of weights and int8 activations over one block;
//   see
//               DotU4 below
// Pointers need no alignment.
#pragma once

#include <cstddef>
#include <cstdint>

#include "quant/half.h"

namespace ledge::isa_scalar {

struct Simd {
  static constexpr int kLanes = 4;
  static constexpr int kVectors = 4;
  // The matrix product's tiles: columns of an only chunk and of one of several (matmul.h), and
  // vectors of rows for so many columns.
  static constexpr int kMaxColumns = 2;
  static constexpr int kChunkColumns = 2;
  // Whether many columns meet weights that were unpacked for all of them (matmul.h).
  static constexpr bool kUnpacks = false;
  template <int kColumns>
  static constexpr int kIntVectors = 1;
  template <int kColumns>
  static constexpr int kFloatVectors = 1;

  struct F32 {
    float v[kLanes];
  };
  struct I32 {
    int32_t v[kLanes];
  };
  struct Mask {
    bool v[kLanes];
  };

  template <typename Out, typename F>
  static Out Each(F f) {
    Out out;
    for (int i = 0; i < kLanes; ++i) out.v[i] = f(i);
    return out;
  }
  template <typename T>
  static T Read(const void* p, int i) {
    T value;
    __builtin_memcpy(&value, static_cast<const char*>(p) + sizeof(T) * static_cast<size_t>(i),
                     sizeof(T));
    return value;
  }
  template <typename T>
  static void Write(void* p, int i, T value) {
    __builtin_memcpy(static_cast<char*>(p) + sizeof(T) * static_cast<size_t>(i), &value, sizeof(T));
  }

  // Float loads, stores, conversions.
  static F32 Zero() { return Set1(0.0f); }
  static F32 Set1(float x) {
    return Each<F32>([&](int) { return x; });
  }
  static F32 LoadF32(const float* p) {
    return Each<F32>([&](int i) { return p[i]; });
  }
  static F32 LoadF32Partial(const float* p, int n) {
    return Each<F32>([&](int i) { return i < n ? p[i] : 0.0f; });
  }
  static void StoreF32(float* p, F32 x) {
    for (int i = 0; i < kLanes; ++i) p[i] = x.v[i];
  }
  static void StoreF32Partial(float* p, F32 x, int n) {
    for (int i = 0; i < n; ++i) p[i] = x.v[i];
  }
  static F32 LoadF16(const void* p) {
    return Each<F32>([&](int i) { return F16ToF32(Read<uint16_t>(p, i)); });
  }
  static void StoreF16(void* p, F32 x) {
    for (int i = 0; i < kLanes; ++i) Write<uint16_t>(p, i, F32ToF16(x.v[i]));
  }
  static F32 LoadBf16(const void* p) {
    return Each<F32>([&](int i) { return Bf16ToF32(Read<uint16_t>(p, i)); });
  }
  static F32 LoadI8(const void* p) {
    return Each<F32>([&](int i) { return static_cast<float>(Read<int8_t>(p, i)); });
  }

  // Float arithmetic.
  static F32 Add(F32 a, F32 b) {
    return Each<F32>([&](int i) { return a.v[i] + b.v[i]; });
  }
  static F32 Sub(F32 a, F32 b) {
    return Each<F32>([&](int i) { return a.v[i] - b.v[i]; });
  }
  static F32 Mul(F32 a, F32 b) {
    return Each<F32>([&](int i) { return a.v[i] * b.v[i]; });
  }
  static F32 Div(F32 a, F32 b) {
    return Each<F32>([&](int i) { return a.v[i] / b.v[i]; });
  }
  static F32 Sqrt(F32 a) {
    return Each<F32>([&](int i) { return __builtin_sqrtf(a.v[i]); });
  }
  static F32 Fma(F32 a, F32 b, F32 c) {
    return Each<F32>([&](int i) { return __builtin_fmaf(a.v[i], b.v[i], c.v[i]); });
  }
  static F32 Fnma(F32 a, F32 b, F32 c) {
    return Each<F32>([&](int i) { return __builtin_fmaf(-a.v[i], b.v[i], c.v[i]); });
  }
  static float Fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  static F32 Max(F32 a, F32 b) {
    return Each<F32>([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
  }
  static F32 Min(F32 a, F32 b) {
    return Each<F32>([&](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
  }
  static F32 Abs(F32 a) {
    return Each<F32>([&](int i) { return __builtin_fabsf(a.v[i]); });
  }
  static F32 Neg(F32 a) {
    return Each<F32>([&](int i) { return -a.v[i]; });
  }

  // Comparisons (false for NaN) and choice: mask ? a : b.
  static Mask Lt(F32 a, F32 b) {
    return Each<Mask>([&](int i) { return a.v[i] < b.v[i]; });
  }
  static Mask Le(F32 a, F32 b) {
    return Each<Mask>([&](int i) { return a.v[i] <= b.v[i]; });
  }
  static Mask LtI32(I32 a, I32 b) {
    return Each<Mask>([&](int i) { return a.v[i] < b.v[i]; });
  }
  static F32 Select(Mask mask, F32 a, F32 b) {
    return Each<F32>([&](int i) { return mask.v[i] ? a.v[i] : b.v[i]; });
  }

  // Integers. Sums wrap; shifts are logical.
  static I32 ZeroI32() { return SetI32(0); }
  static I32 SetI32(int32_t x) {
    return Each<I32>([&](int) { return x; });
  }
  static I32 Iota() {
    return Each<I32>([](int i) { return i; });
  }
  static I32 LoadI32(const void* p) {
    return Each<I32>([&](int i) { return Read<int32_t>(p, i); });
  }
  static void StoreI32(void* p, I32 x) {
    for (int i = 0; i < kLanes; ++i) Write<int32_t>(p, i, x.v[i]);
  }
  // kLanes bytes, widened.
  static I32 LoadI8I32(const void* p) {
    return Each<I32>([&](int i) { return Read<int8_t>(p, i); });
  }
  static I32 LoadU8I32(const void* p) {
    return Each<I32>([&](int i) { return Read<uint8_t>(p, i); });
  }
  // The low byte of each lane.
  static void StoreI8(void* p, I32 x) {
    for (int i = 0; i < kLanes; ++i) Write<uint8_t>(p, i, static_cast<uint8_t>(x.v[i]));
  }
  static I32 AddI32(I32 a, I32 b) {
    return Each<I32>([&](int i) {
      return static_cast<int32_t>(static_cast<uint32_t>(a.v[i]) + static_cast<uint32_t>(b.v[i]));
    });
  }
  static I32 SubI32(I32 a, I32 b) {
    return Each<I32>([&](int i) {
      return static_cast<int32_t>(static_cast<uint32_t>(a.v[i]) - static_cast<uint32_t>(b.v[i]));
    });
  }
  static I32 MaxI32(I32 a, I32 b) {
    return Each<I32>([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
  }
  static I32 And(I32 a, I32 b) {
    return Each<I32>([&](int i) { return a.v[i] & b.v[i]; });
  }
  static I32 Or(I32 a, I32 b) {
    return Each<I32>([&](int i) { return a.v[i] | b.v[i]; });
  }
  template <int kBits>
  static I32 ShiftLeft(I32 a) {
    return Each<I32>(
        [&](int i) { return static_cast<int32_t>(static_cast<uint32_t>(a.v[i]) << kBits); });
  }
  template <int kBits>
  static I32 ShiftRight(I32 a) {
    return Each<I32>(
        [&](int i) { return static_cast<int32_t>(static_cast<uint32_t>(a.v[i]) >> kBits); });
  }
  static I32 ShiftRightBy(I32 a, int bits) {
    return Each<I32>(
        [&](int i) { return static_cast<int32_t>(static_cast<uint32_t>(a.v[i]) >> bits); });
  }
  // Each of a lane's 4 bytes, 0..15, is replaced by table[byte].
  static I32 LookUp(I32 bytes, const uint8_t* table) {
    return Each<I32>([&](int i) {
      uint32_t found = 0;
      for (int b = 0; b < 32; b += 8)
        found |= uint32_t{table[(static_cast<uint32_t>(bytes.v[i]) >> b) & 0x0F]} << b;
      return static_cast<int32_t>(found);
    });
  }
  // table[index].
  static I32 Gather(const uint32_t* table, I32 index) {
    return Each<I32>([&](int i) { return static_cast<int32_t>(table[index.v[i]]); });
  }
  // Of each of a lane's 4 bytes.
  static I32 LowNibbles(I32 bytes) { return And(bytes, SetI32(0x0F0F0F0F)); }
  static I32 HighNibbles(I32 bytes) { return LowNibbles(ShiftRight<4>(bytes)); }
  static F32 ToF32(I32 a) {
    return Each<F32>([&](int i) { return static_cast<float>(a.v[i]); });
  }
  static I32 ToI32(F32 a) {
    // Adding 1.5 * 2^23 leaves the rounded integer in the low bits, whatever the compiler makes of
    // rounding.
    return Each<I32>([&](int i) {
      const float shifted = a.v[i] + 12582912.0f;
      return static_cast<int32_t>(shifted - 12582912.0f);
    });
  }
  static I32 BitsOf(F32 a) { return LoadI32(&a); }
  static F32 FloatOf(I32 a) {
    F32 out;
    __builtin_memcpy(&out, &a, sizeof(out));
    return out;
  }

  // Reductions over the 16 virtual lanes: halves are folded (i with i + 8, + 4, + 2, + 1).
  template <typename F>
  static float Fold(const F32 (&x)[kVectors], F join) {
    float lanes[16];
    for (int i = 0; i < 16; ++i) lanes[i] = x[i / kLanes].v[i % kLanes];
    for (int half = 8; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) lanes[i] = join(lanes[i], lanes[i + half]);
    }
    return lanes[0];
  }
  static float ReduceAdd(const F32 (&x)[kVectors]) {
    return Fold(x, [](float a, float b) { return a + b; });
  }
  static float ReduceMax(const F32 (&x)[kVectors]) {
    return Fold(x, [](float a, float b) { return a > b ? a : b; });
  }
  static int32_t ReduceMaxI32(I32 x) {
    int32_t most = x.v[0];
    for (int i = 1; i < kLanes; ++i) most = x.v[i] > most ? x.v[i] : most;
    return most;
  }

  // Dot products of one block of a row a lane: sum of u[k] * a[k], started at `seed`. `Step` takes
  // 4 k: the lane's 4 bytes of `w` times block[kOffset .. kOffset + 3]; `block` is aligned to 16
  // bytes. |a| <= 127. The families differ in the weights' width and in how many steps a block may
  // have, which is what lets narrower ISAs sum in 16 bits:
  //   DotU4: 0..15, 8 steps; DotU5: 0..31, 8 steps; DotU6: 0..63, 4 steps;
  //   DotS8: 0..255, 8 steps, signed bytes with 128 added. Their seed is -128 * sum of a, so that
  //   an
  //          ISA may as well multiply the signed bytes and ignore the seed.
  struct DotU4 {
    using Acc = I32;
    using Weights = I32;
    static Weights Prepare(I32 bytes) { return bytes; }
    static Acc Begin(I32 seed) { return seed; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      return Each<I32>([&](int i) {
        const auto bytes = static_cast<uint32_t>(w.v[i]);
        int32_t sum = acc.v[i];
        for (int k = 0; k < 4; ++k)
          sum += static_cast<int32_t>((bytes >> (8 * k)) & 0xFF) * block[kOffset + k];
        return sum;
      });
    }
    static I32 End(Acc acc, I32) { return acc; }
  };
  using DotU5 = DotU4;
  using DotU6 = DotU4;
  using DotS8 = DotU4;

  // Sums of each 8 of 64 int8, into out[0..7].
  static void SumsOf8(const int8_t* q, int64_t* out) {
    for (int i = 0; i < 8; ++i) {
      out[i] = 0;
      for (int k = 0; k < 8; ++k) out[i] += q[8 * i + k];
    }
  }
};

}  // namespace ledge::isa_scalar
