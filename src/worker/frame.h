// Frames on the socket between the front and a worker: four bytes of length, little-endian, then
// that many bytes. Either side reads the other as hostile: lengths are bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ledge {

inline constexpr uint32_t kMaxFrameBytes = 64 << 20;
inline constexpr size_t kFrameHeaderBytes = 4;

// kUsage for a payload over kMaxFrameBytes.
Result<std::string> EncodeFrame(std::string_view payload);

// Bytes in, payloads out. Keeps at most one frame that is not whole yet.
class FrameReader {
 public:
  void Feed(std::string_view bytes) { held_ += bytes; }
  // The next payload, or nothing before more bytes come. kMalformed for a length over the limit;
  // nothing more can be read then.
  Result<std::optional<std::string>> Next();

 private:
  std::string held_;
  size_t begin_ = 0;
};

}  // namespace ledge
