// What a family's file works with: the folder's configuration and tensors on one side, the GGUF
// file's keys and tensors on the other.
//
//   LEDGE_CHECK_OK(c.CopyCount("num_hidden_layers", "block_count"));
//   LEDGE_CHECK_OK(c.Take("model.norm.weight", "output_norm.weight"));
//
// Tensors nobody asked for are found in the end (CheckAllTaken), as they would be left out of the
// computation. Those that are missing are noted, since only the model that is read from the GGUF
// file's keys tells which shape they should have (gguf/tensor_origin.h). Not thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gguf/gguf_writer.h"
#include "hf/checkpoint.h"
#include "hf/config.h"
#include "hf/made_tensor.h"

namespace ledge {

// Missing tensors that are noted; with more the first is told of at once.
inline constexpr size_t kMaxLacking = 256;
// Parts of which one tensor may be made: experts.
inline constexpr uint64_t kMaxHfParts = 1 << 12;

// How a tensor's rows change on the way.
struct HfChange {
  bool needed = true;
  bool biased = false;       // of TakeBoth: the bias is needed, too
  uint64_t paired_rows = 0;  // as MadeTensor says
  float plus = 0;
};

// Rows of a matrix, or values of a vector.
struct HfRows {
  uint64_t first = 0;
  uint64_t count = 0;
};

// One of several equal parts of a matrix' rows, or of those of each matrix of a stack.
struct HfSlice {
  uint64_t part = 0;
  uint64_t parts = 1;
  bool interleaved = false;  // each `parts`th row from `part` on, else rows behind one another
  bool transposed = false;   // the checkpoint has columns for rows: its last dimension is sliced
};

class Conversion {
 public:
  // All must outlive it. `architecture`: GGUF's name, which leads the keys.
  Conversion(const HfConfig& config, const HfCheckpoint& checkpoint, std::string_view architecture,
             GgufWriter& writer);

  const HfConfig& config() const { return config_; }
  const std::string& folder() const { return checkpoint_.folder(); }
  // Keys: "<architecture>.<name>". `field`: of the configuration, for messages, where the value is
  // its alone.
  void PutCount(std::string_view name, uint64_t value, std::string_view field = {});
  void PutCounts(std::string_view name, const std::vector<uint64_t>& values,
                 std::string_view field = {});
  void PutNumber(std::string_view name, double value, std::string_view field = {});
  void PutText(std::string_view name, std::string_view value);
  void PutBool(std::string_view name, bool value);
  void PutBools(std::string_view name, const std::vector<bool>& values);
  // The configuration's field as a key. kMalformed if it is missing.
  Result<void> CopyCount(std::string_view field, std::string_view name);
  Result<void> CopyNumber(std::string_view field, std::string_view name);
  // Only if it is there.
  Result<void> CopyNumberIfThere(std::string_view field, std::string_view name);

  bool has(std::string_view tensor) const { return checkpoint_.Find(tensor) != nullptr; }
  // The tensor `from` becomes `to`.
  Result<void> Take(const std::string& from, std::string to, const HfChange& change = {});
  // "<from>.weight", and "<from>.bias" if it is there or needed.
  Result<void> TakeBoth(const std::string& from, const std::string& to,
                        const HfChange& change = {});
  // The tensors "<before><i><behind>" for i below `count`, which have one shape, one behind the
  // other in a new outermost dimension.
  Result<void> Stack(std::string_view before, uint64_t count, std::string_view behind,
                     std::string to);
  // Rows of the matrix, or values of the vector, `from`, one range behind the other: all it has.
  Result<void> TakeRows(const std::string& from, std::string to, std::span<const HfRows> ranges);
  // A part of the 2-D or 3-D tensor `from`.
  Result<void> TakeSlice(const std::string& from, std::string to, const HfSlice& slice);
  // Of each row of the matrix `from`, the values `part`, `part` + `parts`, and so on: as one slices
  // a stack of vectors.
  Result<void> TakeEvery(const std::string& from, std::string to, uint64_t part, uint64_t parts);
  // A tensor with values along one dimension only, as a vector.
  Result<void> TakeVector(const std::string& from, std::string to);
  // The values of the tensor `from`, in their order, as floats of another shape: as many of them.
  // `minus_exp`: -e^x for each x, so that logarithms become negative numbers.
  Result<void> TakeFloats(const std::string& from, std::string to, std::vector<uint64_t> dims,
                          bool minus_exp = false);
  // The matrices of "<from>_blocks" and "<from>_scales" (mxfp4.h), of their rows each `parts`th
  // from `part` on.
  Result<void> TakeMxfp4(const std::string& from, std::string to, uint64_t part, uint64_t parts);
  // A vector that is computed.
  void AddVector(std::string name, std::vector<float> values);
  // A tensor that is rightly left aside, if it is there.
  void Ignore(std::string_view name);
  void IgnorePrefix(std::string_view prefix);
  // kUnsupported, naming one, if a tensor was neither taken nor ignored.
  Result<void> CheckAllTaken() const;

  std::vector<MadeTensor> TakeTensors() { return std::move(made_); }
  KeyOrigins TakeKeyOrigins() { return std::move(key_origins_); }
  // Tensors that can't be made: nothing of them is set but name and origin.
  std::vector<MadeTensor> TakeLacking() { return std::move(lacking_); }

 private:
  Result<const HfTensor*> Find(const std::string& name);
  // The same for the bytes of MXFP4, of so many dimensions.
  Result<const HfTensor*> FindBytes(const std::string& name, size_t dims);
  Result<void> Lack(std::string to, MadeTensor::Origin origin);
  Error Wrong(const HfTensor& tensor, std::string_view problem) const;
  std::string Key(std::string_view name) const;
  void NoteOrigin(std::string_view name, std::string_view field);
  void MarkTaken(const HfTensor* tensor);

  const HfConfig& config_;
  const HfCheckpoint& checkpoint_;
  std::string architecture_;
  GgufWriter& writer_;
  std::vector<bool> taken_;
  std::vector<MadeTensor> made_;
  std::vector<MadeTensor> lacking_;
  KeyOrigins key_origins_;
};

}  // namespace ledge
