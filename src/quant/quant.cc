#include "quant/quant.h"

#include "quant/codec.h"
#include "quant/finite.h"

namespace ledge {

void DecodeRow(TensorType type, const std::byte* row, size_t values, float* out) {
  FindCodec(type)->decode(row, values / Info(type).block_values, out);
}

bool CanEncode(TensorType type) {
  const Codec* codec = FindCodec(type);
  return codec != nullptr && codec->encode != nullptr;
}

void EncodeRow(TensorType type, const float* in, size_t values, std::byte* row) {
  FindCodec(type)->encode(in, values / Info(type).block_values, row);
}

Result<void> CheckFinite(TensorType type, std::span<const std::byte> blocks,
                         std::string_view tensor, uint64_t first_block) {
  const TypeInfo& info = Info(type);
  const FindNotFinite find = FinitenessOf(type);
  if (find == nullptr) return {};
  const size_t count = blocks.size() / info.block_bytes;
  const size_t bad = find(blocks.data(), count);
  if (bad == count) return {};
  const uint64_t block = first_block + bad;
  if (info.block_values == 1) {
    return MakeError(Code::kMalformed,
                     "tensor '{}': value {} ({}) is NaN or infinite; every weight should be finite",
                     PrintableLine(tensor, 80), block, info.name);
  }
  return MakeError(
      Code::kMalformed,
      "tensor '{}': the scale of block {} ({}, values {} to {}) is NaN or infinite; every weight "
      "should be finite",
      PrintableLine(tensor, 80), block, info.name, block * info.block_values,
      (block + 1) * info.block_values - 1);
}

}  // namespace ledge
