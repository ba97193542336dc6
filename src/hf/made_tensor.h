// One tensor of the GGUF file that a folder becomes: what it is made of, and how.
//
// All that conversion does to weights is done on rows (a row is the first dimension of GGUF's
// shape, the last of the checkpoint's unless that is transposed): parts of several tensors one
// behind the other, another order of rows, a function of each value, another type. Values of a row
// have equal distances in the checkpoint, so any rows can be made with a bounded number of reads
// into bounded memory, whatever a tensor's size.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gguf/tensor_origin.h"
#include "gguf/tensor_type.h"
#include "hf/checkpoint.h"

namespace ledge {

// Longer rows are no matrices of a model: a piece of one has to fit in memory.
inline constexpr uint64_t kMaxHfRowValues = 1 << 24;

struct MadeTensor {
  // Rows of a tensor of the checkpoint. Places and steps count its values; all are inside it.
  struct Part {
    const HfTensor* tensor;
    uint64_t first = 0;  // where the first row begins
    uint64_t rows = 0;
    uint64_t row_step = 0;    // from a row's begin to the next one's
    uint64_t value_step = 1;  // from a value of a row to the next
    // MXFP4: `tensor` has 16 bytes for each block of 32 values, this one the block's scale. The
    // above counts bytes of `tensor` then.
    const HfTensor* scales = nullptr;
  };

  // For messages.
  struct Origin {
    std::string tensor;  // of the checkpoint: the first, where there are several
    // Which shape it should have for this one to have `made`.
    std::function<std::string(const TensorShape& made)> wanted;
  };

  std::string name;  // GGUF's
  Origin origin = {};
  TensorType type = TensorType::kF32;
  std::vector<uint64_t> dims = {};  // as GGUF counts them, the row first
  std::vector<Part> parts = {};     // one behind the other; none where `values` holds all
  // Not 0: each so many rows are a head whose two halves turn together; row i of the first half and
  // of the second become rows 2i and 2i + 1.
  uint64_t paired_rows = 0;
  // A vector is one row, unless its values are to be put in another order.
  uint64_t row_values = 0;
  float plus = 0;
  bool minus_exp = false;  // -e^x for every value x of the checkpoint
  std::vector<float> values = {};

  uint64_t rows() const {
    uint64_t all = 1;
    for (const uint64_t dim : dims) all *= dim;
    return all / row_values;
  }
  // Whether values of a row lie further apart than rows do, so that many rows should be made at
  // once.
  bool transposed() const { return !parts.empty() && parts[0].value_step > parts[0].row_step; }
};

// Whether a type of a checkpoint can be converted: F32, F16 and BF16.
bool IsHfFloat(SafetensorsType type);
// GGUF's type of the same bits; only if IsHfFloat.
TensorType SameType(SafetensorsType type);

// Appends `count` rows from `first` on, in the tensor's type, to `out`. kMalformed where the
// checkpoint ends early, or a value to be quantised is not finite.
Result<void> MakeRows(const HfCheckpoint& checkpoint, const MadeTensor& made, uint64_t first,
                      uint64_t count, std::vector<std::byte>& out);

}  // namespace ledge
