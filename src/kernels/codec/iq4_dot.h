// The dot product of IQ4_NL and IQ4_XS, whose weights nibbles choose from a table. None of them is
// -128, so an instruction set may multiply them as signed bytes (S::NegatableDot); else it takes
// them with 128 added, as any bytes (S::DotS8). The integers are the same.
#pragma once

#include "kernels/codec/tables.h"
#include "kernels/inline.h"

namespace ledge {

template <typename S>
struct Iq4Dot : S::DotS8 {
  LEDGE_INLINE static typename S::DotS8::Weights Choose(typename S::I32 nibbles) {
    return S::DotS8::Prepare(S::LookUp(nibbles, kIq4Bytes));
  }
};

template <typename S>
  requires requires { typename S::NegatableDot; }
struct Iq4Dot<S> : S::NegatableDot {
  LEDGE_INLINE static typename S::NegatableDot::Weights Choose(typename S::I32 nibbles) {
    return S::LookUp(nibbles, kIq4SignedBytes);
  }
};

}  // namespace ledge
