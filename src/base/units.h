// Sizes and durations as people write them: "512MiB", "4GiB", "4G" (binary), "250ms", "10m".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ledge {

inline constexpr uint64_t kKiB = 1024;
inline constexpr uint64_t kMiB = 1024 * kKiB;
inline constexpr uint64_t kGiB = 1024 * kMiB;

// K, M, G, T with or without i and B are powers of 1024; a bare number is bytes; fractions are
// allowed.
Result<uint64_t> ParseSize(std::string_view text);
// ns, us, ms, s, m, h, d; a bare number is seconds; "-1" is not a duration.
Result<std::chrono::nanoseconds> ParseDuration(std::string_view text);

// "93.8 MiB": three significant digits, binary units.
std::string FormatSize(uint64_t bytes);
// "1.2 s", "350 ms", "3 m 20 s".
std::string FormatDuration(std::chrono::nanoseconds duration);

}  // namespace ledge
