// Names of tensor types that exist, or did, and that this build doesn't know (gguf/tensor_type.h):
// so that whoever has such a file reads what it holds instead of a number.
#pragma once

#include <cstdint>
#include <string_view>

namespace ledge {

// Empty for a number that no other program is known to use. Source: ggml's type list.
std::string_view ForeignTypeName(uint32_t number);

}  // namespace ledge
