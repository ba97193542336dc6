// Reads little-endian numbers and strings out of bytes that nobody vouches for. Every read is
// checked against what is left; nothing is copied but the numbers.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace ledge {

static_assert(std::endian::native == std::endian::little, "ledge runs on little-endian machines");

class ByteReader {
 public:
  // `bytes` must outlive the reader and every view it hands out.
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  uint64_t position() const { return position_; }
  uint64_t remaining() const { return bytes_.size() - position_; }

  // A number of any arithmetic type but bool (read a uint8_t and check it). `what` names the field
  // in errors.
  template <typename T>
    requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
  Result<T> Read(std::string_view what) {
    if (remaining() < sizeof(T)) return Short(what, sizeof(T));
    T value;
    std::memcpy(&value, bytes_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    return value;
  }

  Result<std::span<const std::byte>> ReadBytes(uint64_t count, std::string_view what) {
    if (remaining() < count) return Short(what, count);
    const auto view = bytes_.subspan(position_, count);
    position_ += count;
    return view;
  }

  Result<std::string_view> ReadChars(uint64_t count, std::string_view what) {
    LEDGE_TRY(auto view, ReadBytes(count, what));
    return std::string_view(reinterpret_cast<const char*>(view.data()), view.size());
  }

  Result<void> Skip(uint64_t count, std::string_view what) {
    if (remaining() < count) return Short(what, count);
    position_ += count;
    return {};
  }

 private:
  Error Short(std::string_view what, uint64_t wanted) const {
    return MakeError(Code::kMalformed, "{} at offset {} needs {} bytes but only {} are left", what,
                     position_, wanted, remaining());
  }

  std::span<const std::byte> bytes_;
  uint64_t position_ = 0;
};

}  // namespace ledge
