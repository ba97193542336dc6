// Tables that codecs look weights up in. Not in the codecs' headers: instruction-set files may give
// the linker no data of their own.
#pragma once

#include <cstdint>

namespace ledge {

extern const uint8_t kIq4Bytes[16];        // IQ4_NL's and IQ4_XS's values, plus 128
extern const uint8_t kIq4SignedBytes[16];  // the values themselves
extern const uint8_t kMxfp4Bytes[16];      // MXFP4's doubled values, plus 16

// IQ3_S's lattice, a point's 4 coordinates (odd, 1..15) as bytes.
struct Iq3SPoints {
  uint32_t at[512];
};
extern const Iq3SPoints kIq3SPoints;

}  // namespace ledge
