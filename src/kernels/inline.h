// For code that is compiled once an ISA: everything small is inlined by force, so that no copy of a
// function compiled for one CPU stands under a name that other CPUs' code might link to; and loops
// over registers are unrolled by force, as an array indexed at run time would live in memory.
#pragma once

#include <utility>

#define LEDGE_INLINE __attribute__((always_inline)) inline
// The same for a lambda, after its parameter list.
#define LEDGE_INLINE_LAMBDA __attribute__((always_inline))

// Sanitizers multiply what a tile compiles to: with six columns a file takes minutes. Results do
// not depend on it.
#ifdef LEDGE_SMALL_TILES
#define LEDGE_TILE_COLUMNS(most) 2
#else
#define LEDGE_TILE_COLUMNS(most) most
#endif

namespace ledge {

template <typename F, int... i>
LEDGE_INLINE void UnrolledOver(F&& f, std::integer_sequence<int, i...>) {
  (f.template operator()<i>(), ...);
}

// f.template operator()<i>() for i = 0 .. kCount - 1.
template <int kCount, typename F>
LEDGE_INLINE void Unrolled(F&& f) {
  UnrolledOver(f, std::make_integer_sequence<int, kCount>{});
}

}  // namespace ledge
