// A model that is ready to be computed with: its description, bound to the packed weights.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/kv_pool.h"
#include "model/model_spec.h"
#include "model/weights.h"
#include "pack/packed_model.h"

namespace ledge {

// Immutable; any thread may read it. Keeps its packed file mapped.
class Model {
 public:
  // Checks everything the metadata and the tensor list say; reads no weights but the vectors
  // (norms, biases). kUnsupported for an architecture, a tensor type or a setting that this build
  // can't run, kMalformed for a model that contradicts itself.
  static Result<std::shared_ptr<const Model>> Load(std::shared_ptr<const PackedModel> packed);
  // The description alone, its data pointers null: for looking at a source that was not packed.
  // `origins`: of a header that was made, for what messages say of tensors.
  static Result<ModelSpec> Describe(const GgufHeader& header,
                                    const TensorOrigins* origins = nullptr);

  const ModelSpec& spec() const { return spec_; }
  const PackedModel& packed() const { return *packed_; }
  // The shapes of its KV pages, by LayerSpec::cache_group.
  std::vector<LayerGroupShape> LayerGroups(KvType type) const;
  // Values in all tensors.
  uint64_t parameters() const;
  // Private memory that holds converted vectors.
  uint64_t converted_bytes() const;

 private:
  Model(std::shared_ptr<const PackedModel> packed, ModelSpec spec, OwnedVectors vectors)
      : packed_(std::move(packed)), spec_(std::move(spec)), vectors_(std::move(vectors)) {}

  std::shared_ptr<const PackedModel> packed_;
  ModelSpec spec_;
  OwnedVectors vectors_;
};

}  // namespace ledge
