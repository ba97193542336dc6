// Hashes of short lists of numbers, for tables that live within one process.
#pragma once

#include <cstdint>

namespace ledge::grammar {

inline uint64_t Mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 29;
}

}  // namespace ledge::grammar
