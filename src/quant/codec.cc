#include "quant/codec.h"

#include <array>

namespace ledge {
namespace {

constexpr std::array kCodecs = {
    &kF32Codec, &kF16Codec, &kBf16Codec, &kQ40Codec, &kQ41Codec, &kQ80Codec, &kQ4KCodec, &kQ6KCodec,
};

}  // namespace

const Codec* FindCodec(TensorType type) {
  for (const Codec* codec : kCodecs) {
    if (codec->type == type) return codec;
  }
  return nullptr;
}

}  // namespace ledge
