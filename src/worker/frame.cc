#include "worker/frame.h"

namespace ledge {

Result<std::string> EncodeFrame(std::string_view payload) {
  if (payload.size() > kMaxFrameBytes) {
    return MakeError(Code::kUsage, "a message of {} bytes; must be at most {}", payload.size(),
                     kMaxFrameBytes);
  }
  const auto size = static_cast<uint32_t>(payload.size());
  std::string frame;
  frame.reserve(kFrameHeaderBytes + payload.size());
  for (int shift = 0; shift < 32; shift += 8)
    frame.push_back(static_cast<char>((size >> shift) & 0xFF));
  frame += payload;
  return frame;
}

Result<std::optional<std::string>> FrameReader::Next() {
  const std::string_view rest = std::string_view(held_).substr(begin_);
  const auto wait = [&]() -> Result<std::optional<std::string>> {
    held_.erase(0, begin_);
    begin_ = 0;
    return std::optional<std::string>();
  };
  if (rest.size() < kFrameHeaderBytes) return wait();
  uint32_t size = 0;
  for (size_t i = 0; i < kFrameHeaderBytes; ++i)
    size |= static_cast<uint32_t>(static_cast<unsigned char>(rest[i])) << (8 * i);
  if (size > kMaxFrameBytes) {
    return MakeError(Code::kMalformed, "a message of {} bytes; must be at most {}", size,
                     kMaxFrameBytes);
  }
  if (rest.size() - kFrameHeaderBytes < size) return wait();
  std::string payload(rest.substr(kFrameHeaderBytes, size));
  begin_ += kFrameHeaderBytes + size;
  return std::optional(std::move(payload));
}

}  // namespace ledge
