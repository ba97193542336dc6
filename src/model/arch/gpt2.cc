// GPT-2: learned positions, layer norms, a plain feed-forward. Source: Radford et al., Language
// Models are Unsupervised Multitask Learners (2019).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildGpt2(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec, BuildDecoder(numbers, weights,
                                         {.norm = NormKind::kLayer,
                                          .rope = false,
                                          .activation = Nonlinearity::kGeluTanh,
                                          .gated = false,
                                          .biased = true}));
  LEDGE_TRY(spec.position_embedding,
            weights.Matrix("position_embd.weight", spec.trained_context, spec.width));
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_gpt2;
const Architecture kArchitecture_gpt2 = {"gpt2", &BuildGpt2};

}  // namespace ledge
