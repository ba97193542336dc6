// Asks for a loop over constants to be unrolled whole, so that the arrays it indexes become
// registers.
#pragma once

#if defined(__clang__)
#define LEDGE_UNROLL _Pragma("clang loop unroll(full)")
#else
#define LEDGE_UNROLL _Pragma("GCC unroll 32")
#endif
