#include "base/units.h"

#include <array>
#include <charconv>
#include <cmath>

namespace ledge {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

// Splits "1.5GiB" into number and unit, then multiplies. Exponents, signs, "inf" and "nan" are
// refused.
template <size_t N>
Result<double> ParseQuantity(std::string_view text, const std::array<Unit, N>& units,
                             std::string_view kind, std::string_view example) {
  const size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + digits, number);
  if (digits > 0 && status == std::errc() && end == text.data() + digits) {
    for (const Unit& unit : units) {
      if (unit.name == text.substr(digits)) return number * unit.factor;
    }
  }
  return MakeError(Code::kUsage, "'{}' is not a {}; write it like {}", PrintableLine(text, 80),
                   kind, example);
}

}  // namespace

Result<uint64_t> ParseSize(std::string_view text) {
  static constexpr double kK = 1024.0;
  static constexpr std::array kUnits = {
      Unit{"", 1},
      Unit{"B", 1},
      Unit{"K", kK},
      Unit{"KB", kK},
      Unit{"KiB", kK},
      Unit{"M", kK * kK},
      Unit{"MB", kK * kK},
      Unit{"MiB", kK * kK},
      Unit{"G", kK * kK * kK},
      Unit{"GB", kK * kK * kK},
      Unit{"GiB", kK * kK * kK},
      Unit{"T", kK * kK * kK * kK},
      Unit{"TB", kK * kK * kK * kK},
      Unit{"TiB", kK * kK * kK * kK},
  };
  LEDGE_TRY(const double bytes, ParseQuantity(text, kUnits, "size", "512MiB or 4G"));
  if (bytes > 9.0e18) {
    return MakeError(Code::kUsage, "'{}' is larger than any memory; write it like 512MiB or 4G",
                     text);
  }
  return static_cast<uint64_t>(bytes);
}

Result<std::chrono::nanoseconds> ParseDuration(std::string_view text) {
  static constexpr std::array kUnits = {
      Unit{"", 1e9},  Unit{"ns", 1},   Unit{"us", 1e3},   Unit{"ms", 1e6},
      Unit{"s", 1e9}, Unit{"m", 60e9}, Unit{"h", 3600e9}, Unit{"d", 86400e9},
  };
  LEDGE_TRY(const double nanoseconds, ParseQuantity(text, kUnits, "duration", "250ms or 10m"));
  if (nanoseconds > 9.0e18) {
    return MakeError(Code::kUsage, "'{}' is longer than 292 years; write it like 250ms or 10m",
                     text);
  }
  return std::chrono::nanoseconds(static_cast<int64_t>(nanoseconds));
}

std::string FormatSize(uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> kNames = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < kNames.size()) {
    value /= 1024;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} B", bytes);
  const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return fmt::format("{:.{}f} {}", value, decimals, kNames[unit]);
}

std::string FormatDuration(std::chrono::nanoseconds duration) {
  const double ns = static_cast<double>(duration.count());
  if (ns < 1e6) return fmt::format("{:.0f} us", ns / 1e3);
  if (ns < 1e9) return fmt::format("{:.0f} ms", ns / 1e6);
  if (ns < 60e9) return fmt::format("{:.1f} s", ns / 1e9);
  const auto seconds = static_cast<int64_t>(std::llround(ns / 1e9));
  if (seconds < 3600) return fmt::format("{} m {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} m", seconds / 3600, seconds / 60 % 60);
}

}  // namespace ledge
