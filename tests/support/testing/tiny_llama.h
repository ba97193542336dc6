// A llama of random weights as a GGUF file, small enough to compute in microseconds.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "gguf/tensor_type.h"
#include "quant/random_blocks.h"
#include "testing/gguf_builder.h"

namespace ledge::testing {

struct TinyLlama {
  TensorType type = TensorType::kQ8_0;  // of all matrices
  uint32_t vocabulary = 307;            // no multiple of a panel's rows
  uint32_t width = 96;                  // a multiple of the type's block
  uint32_t feed_forward = 352;
  uint32_t layers = 2;
  uint32_t heads = 6;
  uint32_t kv_heads = 2;
  uint32_t context = 1024;
  uint32_t seed = 1;
};

// The types whose random blocks tests know by heart; others come from quant/random_blocks.h.
inline bool HasFieldsBelow(TensorType type) {
  return type == TensorType::kF16 || type == TensorType::kQ4_0 || type == TensorType::kQ4_1 ||
         type == TensorType::kQ8_0 || type == TensorType::kQ4_K || type == TensorType::kQ6_K;
}

// Blocks with random contents whose values are about `size` large.
inline std::string RandomBlocks(std::mt19937& random, TensorType type, uint64_t values,
                                float size) {
  std::string data;
  const TypeInfo& info = Info(type);
  if (type == TensorType::kF32 || type == TensorType::kBF16) {
    std::normal_distribution<float> normal(0, size);
    for (uint64_t i = 0; i < values; ++i) {
      const float value = normal(random);
      // BF16 is the upper half of an F32.
      const char* raw = reinterpret_cast<const char*>(&value);
      data.append(type == TensorType::kF32 ? raw : raw + 2, info.block_bytes);
    }
    return data;
  }
  const uint64_t bytes = values / info.block_values * info.block_bytes;
  if (!HasFieldsBelow(type)) {
    data.resize(bytes);
    RandomBits bits(random());
    FillRandomBlocks(type, size, bits, std::as_writable_bytes(std::span(data)));
    return data;
  }
  for (uint64_t i = 0; i < bytes; ++i) {
    data.push_back(static_cast<char>(random()));
  }
  // Fields of half precision: a normal exponent near `size`, a random sign and mantissa.
  const auto half = [&](uint64_t at, float value) {
    const int exponent = static_cast<int>(std::floor(std::log2(value))) + 15;
    const uint16_t bits =
        static_cast<uint16_t>((exponent < 1 ? 1 : exponent) << 10 | (random() & 0x83FF));
    std::memcpy(data.data() + at, &bits, 2);
  };
  for (uint64_t at = 0; at < data.size(); at += info.block_bytes) {
    switch (type) {
      case TensorType::kF16:
        half(at, size);
        break;
      case TensorType::kQ4_0:
        half(at, size / 5);
        break;
      case TensorType::kQ4_1:
        half(at, size / 8), half(at + 2, size);
        break;
      case TensorType::kQ8_0:
        half(at, size / 80);
        break;
      case TensorType::kQ4_K:
        half(at, size / 250), half(at + 2, size / 60);
        break;
      case TensorType::kQ6_K:
        half(at + 208, size / 1500);
        break;
      default:
        break;
    }
  }
  return data;
}

inline std::vector<std::byte> BuildTinyLlama(const TinyLlama& shape) {
  std::mt19937 random(shape.seed);
  GgufBuilder builder;
  builder.String("general.architecture", "llama")
      .Number<uint32_t>("llama.context_length", shape.context)
      .Number<uint32_t>("llama.embedding_length", shape.width)
      .Number<uint32_t>("llama.block_count", shape.layers)
      .Number<uint32_t>("llama.feed_forward_length", shape.feed_forward)
      .Number<uint32_t>("llama.attention.head_count", shape.heads)
      .Number<uint32_t>("llama.attention.head_count_kv", shape.kv_heads)
      .Number<float>("llama.attention.layer_norm_rms_epsilon", 1e-5F)
      .Number<float>("llama.rope.freq_base", 10000.0F)
      .String("tokenizer.ggml.model", "llama")
      .Number<uint32_t>("tokenizer.ggml.bos_token_id", 1)
      .Number<uint32_t>("tokenizer.ggml.eos_token_id", 2);
  std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
  std::vector<int32_t> types = {2, 3, 3};
  for (int byte = 0; byte < 256; ++byte) {
    char text[8];
    std::snprintf(text, sizeof(text), "<0x%02X>", byte);
    tokens.push_back(text);
    types.push_back(6);
  }
  for (uint32_t i = static_cast<uint32_t>(tokens.size()); i < shape.vocabulary; ++i) {
    tokens.push_back("w" + std::to_string(i));
    types.push_back(1);
  }
  builder.Strings("tokenizer.ggml.tokens", tokens)
      .Numbers<int32_t>("tokenizer.ggml.token_type", types)
      .Numbers<float>("tokenizer.ggml.scores", std::vector<float>(tokens.size(), -1.0F));

  const auto matrix = [&](const std::string& name, uint64_t cols, uint64_t rows, float gain) {
    const float size = gain / std::sqrt(static_cast<float>(cols));
    builder.Tensor(name, shape.type, {cols, rows},
                   RandomBlocks(random, shape.type, cols * rows, size));
  };
  const auto norm = [&](const std::string& name) {
    std::vector<float> values(shape.width);
    for (float& value : values) value = 0.8F + 0.4F * static_cast<float>(random() % 1000) / 1000;
    builder.Floats(name, {shape.width}, values);
  };
  const uint64_t keys = uint64_t{shape.width} / shape.heads * shape.kv_heads;
  matrix("token_embd.weight", shape.width, shape.vocabulary,
         std::sqrt(static_cast<float>(shape.width)));
  for (uint32_t layer = 0; layer < shape.layers; ++layer) {
    const std::string prefix = "blk." + std::to_string(layer) + ".";
    norm(prefix + "attn_norm.weight");
    matrix(prefix + "attn_q.weight", shape.width, shape.width, 1.4F);
    matrix(prefix + "attn_k.weight", shape.width, keys, 1.4F);
    matrix(prefix + "attn_v.weight", shape.width, keys, 1);
    matrix(prefix + "attn_output.weight", shape.width, shape.width, 1);
    norm(prefix + "ffn_norm.weight");
    matrix(prefix + "ffn_gate.weight", shape.width, shape.feed_forward, 1);
    matrix(prefix + "ffn_up.weight", shape.width, shape.feed_forward, 1);
    matrix(prefix + "ffn_down.weight", shape.feed_forward, shape.width, 1);
  }
  norm("output_norm.weight");
  matrix("output.weight", shape.width, shape.vocabulary, 2);
  return builder.Build();
}

// As a string, for TempDir::Write.
inline std::string TinyLlamaFile(const TinyLlama& shape) {
  const std::vector<std::byte> bytes = BuildTinyLlama(shape);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace ledge::testing
