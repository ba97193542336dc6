#include "quant/codec.h"

#include <array>

namespace ledge {
namespace {

constexpr std::array kCodecs = {
    &kF32Codec,   &kF16Codec,  &kBf16Codec,   &kQ40Codec,    &kQ41Codec,
    &kQ80Codec,   &kQ4KCodec,  &kQ6KCodec,    &kQ50Codec,    &kQ51Codec,
    &kQ2KCodec,   &kQ3KCodec,  &kQ5KCodec,    &kIq4NlCodec,  &kIq4XsCodec,
    &kMxfp4Codec, &kIq3SCodec, &kIq3XxsCodec, &kIq2XxsCodec, &kIq2XsCodec,
    &kIq2SCodec,  &kIq1SCodec, &kIq1MCodec,   &kTq1Codec,    &kTq2Codec};

}  // namespace

const Codec* FindCodec(TensorType type) {
  for (const Codec* codec : kCodecs) {
    if (codec->type == type) return codec;
  }
  return nullptr;
}

}  // namespace ledge
