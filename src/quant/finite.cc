#include "quant/finite.h"

#include <cmath>
#include <cstring>

#include "quant/codec.h"

namespace ledge {
namespace {

size_t FindBadDouble(const std::byte* values, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    double value = 0;
    std::memcpy(&value, values + i * sizeof(value), sizeof(value));
    if (!std::isfinite(value)) return i;
  }
  return count;
}

}  // namespace

FindNotFinite FinitenessOf(TensorType type) {
  if (const Codec* codec = FindCodec(type); codec != nullptr) return codec->find_not_finite;
  if (type == TensorType::kF64) return FindBadDouble;
  return nullptr;
}

}  // namespace ledge
