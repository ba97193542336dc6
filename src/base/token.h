// A token's number, as every layer above tokenizers and executors speaks of it.
#pragma once

#include <cstdint>

namespace ledge {

using Token = int32_t;
inline constexpr Token kNoToken = -1;

}  // namespace ledge
