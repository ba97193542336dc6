// What one client may cost: every number of the HTTP side, each also a flag of `ledge serve`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ledge {

struct HttpLimits {
  uint64_t body_bytes = 8 << 20;
  size_t head_line_bytes = 8 << 10;
  size_t head_bytes = 16 << 10;
  size_t headers = 64;
  std::chrono::nanoseconds head_time = std::chrono::seconds(10);
  std::chrono::nanoseconds body_idle = std::chrono::seconds(10);
  std::chrono::nanoseconds body_time = std::chrono::seconds(60);
  std::chrono::nanoseconds keep_alive = std::chrono::seconds(30);
  std::chrono::nanoseconds write_stall = std::chrono::seconds(30);
  size_t requests_per_connection = 1000;
  size_t connections = 256;
  size_t connections_per_address = 16;  // not on loopback, nor with a key
};

}  // namespace ledge
