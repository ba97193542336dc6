// Finds an architecture's tensors by name and checks their shapes, so that everything behind it may
// trust them. Keeps account of what was taken: a tensor nobody asked for is a part of the model
// that would be left out of the computation.
#pragma once

#include <string_view>
#include <vector>

#include "gguf/gguf.h"
#include "gguf/tensor_origin.h"
#include "model/model_spec.h"
#include "pack/packed_model.h"

namespace ledge {

// Vectors that are not floats in the file, converted.
using OwnedVectors = std::vector<std::vector<float>>;

// Used by one thread. Errors name the file, the tensor, its shape and the
// expected one: kMalformed for a tensor that is absent or has another shape,
// kUnsupported for a type that no kernel can multiply with.
class TensorFinder {
 public:
  // `packed` must outlive the finder and what it finds.
  explicit TensorFinder(const PackedModel& packed);
  // Without weights: all data pointers are null. For looking at a file that was not packed.
  // `origins`, if there are any: for messages, and what should be there.
  explicit TensorFinder(const GgufHeader& header, const TensorOrigins* origins = nullptr);

  const GgufHeader& header() const { return header_; }
  bool is_there(std::string_view name) const { return header_.FindTensor(name) != nullptr; }
  // It is there, or should be: taking it will say that it is missing.
  bool has(std::string_view name) const {
    return is_there(name) || (origins_ != nullptr && origins_->Lacks(name));
  }

  // A matrix of `rows` outputs and `cols` inputs: dims {cols, rows}.
  Result<PanelMatrix> Matrix(std::string_view name, uint32_t rows, uint32_t cols);
  // A matrix whose rows are several matrices', one behind the other: `rows` of each. kUnsupported
  // where one does not begin on a panel.
  Result<std::vector<PanelMatrix>> Slices(std::string_view name, std::vector<uint32_t> rows,
                                          uint32_t cols);
  // `count` matrices of `rows` x `cols`, dims {cols, rows, count}, as one of count * rows rows.
  Result<PanelMatrix> Stack(std::string_view name, uint32_t count, uint32_t rows, uint32_t cols);
  // A vector of finite floats.
  Result<VectorWeights> Vector(std::string_view name, uint32_t size);
  // The same, empty if there is no such tensor.
  Result<VectorWeights> OptionalVector(std::string_view name, uint32_t size);
  // `rows` vectors of `cols`, one behind the other, dims {cols, rows}.
  Result<VectorWeights> RowVectors(std::string_view name, uint32_t rows, uint32_t cols);
  // The same, empty if there is no such tensor.
  Result<VectorWeights> OptionalRows(std::string_view name, uint32_t rows, uint32_t cols);
  // A matrix of `rows` outputs and `cols` inputs as floats, `cols` vectors of `rows` one behind the
  // other: the columns of what Matrix would give.
  Result<VectorWeights> Columns(std::string_view name, uint32_t rows, uint32_t cols);
  // dims[1] of a 2-D tensor, in 1..most.
  Result<uint32_t> Rows(std::string_view name, uint32_t most) const;

  // A tensor that is rightly left aside.
  void Ignore(std::string_view name);
  // kUnsupported, naming one, if a tensor was neither taken nor ignored.
  Result<void> CheckAllTaken() const;

  // What the vectors found so far point into, where that is not the packed file; call last.
  OwnedVectors TakeVectors() { return std::move(vectors_); }

 private:
  Result<const GgufTensor*> Take(std::string_view name, uint64_t rows, uint64_t cols,
                                 uint64_t count = 1);
  Result<PanelMatrix> Panels(const GgufTensor& tensor, uint32_t rows, uint32_t cols) const;
  Result<VectorWeights> Floats(const GgufTensor& tensor, uint32_t rows, uint32_t cols);
  const PackedTensor* Packed(const GgufTensor& tensor) const;
  Error Wrong(Code code, std::string_view name, std::string_view problem) const;
  // It is missing, or has not this shape.
  Error Misshapen(std::string_view name, const TensorShape& wanted) const;

  const PackedModel* packed_ = nullptr;
  const GgufHeader& header_;
  const TensorOrigins* origins_ = nullptr;
  std::vector<bool> taken_;
  OwnedVectors vectors_;
};

}  // namespace ledge
