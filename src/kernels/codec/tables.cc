#include "kernels/codec/tables.h"

#include <array>
#include <cstddef>

#include "quant/iq_grids.h"
#include "quant/nibble_tables.h"

namespace ledge {
namespace {

Iq3SPoints ExpandIq3S() {
  Iq3SPoints points{};
  for (size_t i = 0; i < kIq3SGrid.size(); ++i) {
    for (uint32_t c = 0; c < 4; ++c)
      points.at[i] |= (1U + 2U * (kIq3SGrid[i] >> 3 * c & 7U)) << 8 * c;
  }
  return points;
}

constexpr bool Matches(const uint8_t (&bytes)[16], const std::array<int8_t, 16>& values,
                       int added) {
  for (size_t i = 0; i < 16; ++i) {
    if (bytes[i] != values[i] + added) return false;
  }
  return true;
}

constexpr bool Signed(const uint8_t (&bytes)[16], const std::array<int8_t, 16>& values) {
  for (size_t i = 0; i < 16; ++i) {
    if (static_cast<int8_t>(bytes[i]) != values[i] || values[i] == -128) return false;
  }
  return true;
}

}  // namespace

constexpr uint8_t kIq4Bytes[16] = {1,   24,  45,  63,  79,  93,  106, 118,
                                   129, 141, 153, 166, 181, 197, 217, 241};
constexpr uint8_t kIq4SignedBytes[16] = {129, 152, 173, 191, 207, 221, 234, 246,
                                         1,   13,  25,  38,  53,  69,  89,  113};
constexpr uint8_t kMxfp4Bytes[16] = {16, 17, 18, 19, 20, 22, 24, 28, 16, 15, 14, 13, 12, 10, 8, 4};
static_assert(Matches(kIq4Bytes, kIq4Values, 128) && Signed(kIq4SignedBytes, kIq4Values) &&
              Matches(kMxfp4Bytes, kMxfp4Values, 16));
const Iq3SPoints kIq3SPoints = ExpandIq3S();

}  // namespace ledge
