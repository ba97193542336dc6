#include "model/model.h"

#include "gguf/weight_summary.h"
#include "model/architecture.h"
#include "model/layer_groups.h"

namespace ledge {

Result<std::shared_ptr<const Model>> Model::Load(std::shared_ptr<const PackedModel> packed) {
  TensorFinder weights(*packed);
  LEDGE_TRY(ModelSpec spec, BuildSpec(weights));
  if (packed->damaged()) {
    return MakeError(Code::kIo, "{} could not be read: its disk failed or it was cut just now",
                     PrintableLine(packed->path(), 200));
  }
  return std::shared_ptr<const Model>(
      new Model(std::move(packed), std::move(spec), weights.TakeVectors()));
}

Result<ModelSpec> Model::Describe(const GgufHeader& header, const TensorOrigins* origins) {
  TensorFinder weights(header, origins);
  return BuildSpec(weights);
}

std::vector<LayerGroupShape> Model::LayerGroups(KvType type) const {
  return ledge::LayerGroups(spec_, type);
}

uint64_t Model::parameters() const { return SummariseWeights(packed_->header()).parameters; }

uint64_t Model::converted_bytes() const {
  uint64_t bytes = 0;
  for (const auto& vector : vectors_) bytes += vector.size() * sizeof(float);
  return bytes;
}

}  // namespace ledge
