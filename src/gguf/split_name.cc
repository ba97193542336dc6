#include "gguf/split_name.h"

#include <fmt/format.h>

namespace ledge {
namespace {

constexpr size_t kDigits = 5;
constexpr std::string_view kOf = "-of-";
constexpr std::string_view kEnding = ".gguf";

std::optional<uint32_t> Digits(std::string_view text) {
  uint32_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<uint32_t>(c - '0');
  }
  return number;
}

}  // namespace

std::string SplitName::Path(uint32_t of_part) const {
  return fmt::format("{}-{:05}{}{:05}{}", prefix, of_part + 1, kOf, count, kEnding);
}

std::optional<SplitName> ParseSplitName(std::string_view path) {
  constexpr size_t kTail = 1 + kDigits + kOf.size() + kDigits + kEnding.size();
  if (path.size() <= kTail || !path.ends_with(kEnding)) return std::nullopt;
  const std::string_view tail = path.substr(path.size() - kTail);
  if (tail[0] != '-' || tail.substr(1 + kDigits, kOf.size()) != kOf) return std::nullopt;
  const auto part = Digits(tail.substr(1, kDigits));
  const auto count = Digits(tail.substr(1 + kDigits + kOf.size(), kDigits));
  if (!part || !count || *part == 0 || *part > *count || *count > kMaxGgufParts)
    return std::nullopt;
  return SplitName{std::string(path.substr(0, path.size() - kTail)), *part - 1, *count};
}

}  // namespace ledge
