// What `ledge synth` writes: the metadata and tensors of a model of a known shape, without values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gguf/gguf_writer.h"
#include "gguf/shapes.h"
#include "gguf/tensor_type.h"

namespace ledge {

// Which tensors have which types, as llama-quantize chooses them.
struct SynthMix {
  std::string_view name;
  TensorType base;
  TensorType output;     // the output matrix, and the embedding where it is both
  TensorType more_bits;  // attn_v and ffn_down of the layers that matter most
  uint32_t file_type;    // llama.cpp's number for general.file_type
};

struct SynthTensor {
  std::string name;
  TensorType type;
  std::vector<uint64_t> dims;
  float mean;  // other than 0 only for F32
  float deviation;

  uint64_t rows() const;
};

// In the file's order.
std::vector<SynthTensor> PlanSynth(const ModelShape& shape, const SynthMix& mix);
// general.* and what describes the architecture; not the tokenizer.
void AddSynthMetadata(GgufWriter& writer, const ModelShape& shape, const SynthMix& mix);

}  // namespace ledge
