#include "worker/cbor_shape.h"

#include <array>
#include <cstdint>

namespace ledge {
namespace {

constexpr unsigned kBytes = 2;
constexpr unsigned kText = 3;
constexpr unsigned kArray = 4;
constexpr unsigned kMap = 5;
constexpr unsigned kTag = 6;

}  // namespace

Result<void> CheckCborShape(std::string_view bytes) {
  std::array<uint64_t, kMaxCborDepth> left{};  // items yet to come, of each open array or map
  size_t depth = 0;
  size_t items = 0;
  size_t at = 0;
  while (true) {
    while (depth > 0 && left[depth - 1] == 0) --depth;
    if (depth == 0 && items > 0) break;
    if (depth > 0) --left[depth - 1];
    if (++items > kMaxCborItems)
      return MakeError(Code::kMalformed, "a message of more than {} items", kMaxCborItems);
    if (at >= bytes.size()) return MakeError(Code::kMalformed, "a message ends within an item");
    const auto first = static_cast<unsigned char>(bytes[at++]);
    const unsigned major = first >> 5;
    const unsigned extra = first & 31;
    uint64_t value = extra;
    if (extra >= 24) {
      if (extra > 27) return MakeError(Code::kMalformed, "a message has an item of unknown length");
      const size_t count = size_t{1} << (extra - 24);
      if (bytes.size() - at < count)
        return MakeError(Code::kMalformed, "a message ends within an item");
      value = 0;
      for (size_t i = 0; i < count; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
      at += count;
    }
    if (major == kTag) return MakeError(Code::kMalformed, "a message has a tag; none is used");
    if (major == kBytes || major == kText) {
      if (bytes.size() - at < value)
        return MakeError(Code::kMalformed, "a message ends within a text");
      at += static_cast<size_t>(value);
    }
    if (major == kArray || major == kMap) {
      if (value > kMaxCborItems)
        return MakeError(Code::kMalformed, "a message has a list of {} items", value);
      if (depth == kMaxCborDepth)
        return MakeError(Code::kMalformed, "a message nests deeper than {}", kMaxCborDepth);
      left[depth++] = major == kMap ? 2 * value : value;
    }
  }
  if (at != bytes.size())
    return MakeError(Code::kMalformed, "a message has {} bytes too many", bytes.size() - at);
  return {};
}

}  // namespace ledge
