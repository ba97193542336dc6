// exp and what follows from it, on vectors, with the same bits on every instruction set.
//
// `I` is an instruction set's traits (isa/scalar/simd.h says what they are).
#pragma once

namespace ledge {

template <typename I>
struct VectorMath {
  using F32 = typename I::F32;
  using I32 = typename I::I32;

  // e^x within 1 unit in the last place (2 without fused multiply-add); exactly 1 at 0. Below -86.5
  // (where results leave float's normal range) 0, above 88.72 infinity, NaN for NaN.
  //
  // x = n ln2 + r with |r| <= ln2 / 2; e^r by a polynomial fitted for the least relative error
  // (4.4e-9, its first two coefficients fixed at 1); then the exponent is raised by n.
  static F32 Exp(F32 x) {
    const F32 highest = I::Set1(89.0f);
    const F32 bounded = I::Select(I::Lt(highest, x), highest, x);
    // The sum's low mantissa bits are the nearest integer, for |n| < 2^22.
    const F32 shift = I::Set1(12582912.0f);  // 1.5 * 2^23
    const F32 shifted = I::Fma(bounded, I::Set1(1.44269504f), shift);
    const F32 n = I::Sub(shifted, shift);
    // ln2 in two parts, the first short enough that n times it is exact.
    F32 r = I::Fnma(n, I::Set1(0.693359375f), bounded);
    r = I::Fnma(n, I::Set1(-2.12194440e-4f), r);
    F32 p = I::Set1(0x1.6a2352p-10f);
    p = I::Fma(p, r, I::Set1(0x1.123a6cp-7f));
    p = I::Fma(p, r, I::Set1(0x1.5558f4p-5f));
    p = I::Fma(p, r, I::Set1(0x1.555490p-3f));
    p = I::Fma(p, r, I::Set1(0x1.fffffcp-2f));
    p = I::Fma(p, r, I::Set1(1.0f));
    p = I::Fma(p, r, I::Set1(1.0f));
    // 2^(n - 1) is a normal float for every n that is left, 2^n is not: double afterwards.
    const I32 integer = I::SubI32(I::BitsOf(shifted), I::BitsOf(shift));
    const F32 half =
        I::Mul(p, I::FloatOf(I::template ShiftLeft<23>(I::AddI32(integer, I::SetI32(126)))));
    return I::Select(I::Lt(x, I::Set1(-86.5f)), I::Zero(), I::Add(half, half));
  }

  // tanh x with an absolute error below 2e-7.
  static F32 Tanh(F32 x) {
    const F32 one = I::Set1(1.0f);
    const F32 e = Exp(I::Add(x, x));
    return I::Sub(one, I::Div(I::Set1(2.0f), I::Add(e, one)));
  }

  // x / (1 + e^-x).
  static F32 Silu(F32 x) { return I::Div(x, I::Add(I::Set1(1.0f), Exp(I::Neg(x)))); }

  // 1 / (1 + e^-x).
  static F32 Sigmoid(F32 x) {
    const F32 one = I::Set1(1.0f);
    return I::Div(one, I::Add(one, Exp(I::Neg(x))));
  }

  // ln(1 + e^x) = max(x, 0) + ln(1 + t) with t = e^-|x|, within 3 units in the last place. With
  // u = t / (2 + t) the logarithm is 2 artanh(u), whose series in u^2 <= 1/9 leaves 2e-9 behind
  // its eighth term.
  static F32 Softplus(F32 x) {
    const F32 t = Exp(I::Neg(I::Abs(x)));
    const F32 u = I::Div(t, I::Add(I::Set1(2.0f), t));
    const F32 square = I::Mul(u, u);
    F32 p = I::Set1(1.0f / 15);
    p = I::Fma(p, square, I::Set1(1.0f / 13));
    p = I::Fma(p, square, I::Set1(1.0f / 11));
    p = I::Fma(p, square, I::Set1(1.0f / 9));
    p = I::Fma(p, square, I::Set1(1.0f / 7));
    p = I::Fma(p, square, I::Set1(1.0f / 5));
    p = I::Fma(p, square, I::Set1(1.0f / 3));
    p = I::Fma(p, square, I::Set1(1.0f));
    return I::Add(I::Max(x, I::Zero()), I::Mul(I::Add(u, u), p));
  }

  // 1 + erf(x) with an absolute error below 5e-7: Abramowitz and Stegun, Handbook of Mathematical
  // Functions, 7.1.26, a polynomial in t = 1 / (1 + 0.3275911 |x|) times e^(-x^2).
  static F32 OnePlusErf(F32 x) {
    const F32 one = I::Set1(1.0f);
    const F32 size = I::Abs(x);
    const F32 t = I::Div(one, I::Fma(I::Set1(0.3275911f), size, one));
    F32 p = I::Set1(1.061405429f);
    p = I::Fma(p, t, I::Set1(-1.453152027f));
    p = I::Fma(p, t, I::Set1(1.421413741f));
    p = I::Fma(p, t, I::Set1(-0.284496736f));
    p = I::Fma(p, t, I::Set1(0.254829592f));
    const F32 tail = I::Mul(I::Mul(p, t), Exp(I::Neg(I::Mul(size, size))));  // 1 - erf(|x|)
    return I::Select(I::Lt(x, I::Zero()), tail, I::Sub(I::Set1(2.0f), tail));
  }

  static F32 Gelu(F32 x) {
    return I::Mul(I::Mul(I::Set1(0.5f), x), OnePlusErf(I::Mul(x, I::Set1(0.70710678f))));
  }

  // (1 + tanh u) / 2 is the sigmoid of 2 u.
  static F32 GeluTanh(F32 x) {
    const F32 cube = I::Mul(I::Mul(x, x), x);
    const F32 u = I::Mul(I::Set1(1.59576912f), I::Fma(I::Set1(0.044715f), cube, x));
    return I::Div(x, I::Add(I::Set1(1.0f), Exp(I::Neg(u))));
  }

  // NaN stays.
  static F32 Relu(F32 x) { return I::Select(I::Lt(x, I::Zero()), I::Zero(), x); }

  static F32 AtMost(F32 x, float most) {
    return I::Select(I::Lt(I::Set1(most), x), I::Set1(most), x);
  }
  static F32 SwigluClamped(F32 gate, F32 up) {
    const F32 g = AtMost(gate, 7.0f);
    const F32 low = I::Set1(-7.0f);
    const F32 u = AtMost(I::Select(I::Lt(up, low), low, up), 7.0f);
    const F32 e = Exp(I::Neg(I::Mul(I::Set1(1.702f), g)));
    return I::Mul(I::Div(g, I::Add(I::Set1(1.0f), e)), I::Add(u, I::Set1(1.0f)));
  }

  static float Exp1(float x) {
    float lanes[I::kLanes];
    I::StoreF32(lanes, Exp(I::Set1(x)));
    return lanes[0];
  }
};

}  // namespace ledge
