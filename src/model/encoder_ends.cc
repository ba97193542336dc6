#include "model/encoder_ends.h"

namespace ledge {
namespace {

constexpr uint32_t kMaxTokenTypes = 1024;

// The GGUF specification's numbers: 0 none, 1 mean, 2 first ("cls"), 3 last, 4 rank.
Result<Pooling> ReadPooling(const Hyperparameters& numbers) {
  LEDGE_TRY(const uint32_t type, numbers.Count("pooling_type", {0, UINT32_MAX}, 1));
  if (type == 1) return Pooling::kMean;
  if (type == 2) return Pooling::kFirst;
  if (type == 3) return Pooling::kLast;
  return numbers.Unsupported(
      "pooling_type",
      fmt::format("is {}; this build pools by 1 (mean), 2 (first token) and 3 (last token)", type));
}

}  // namespace

Result<void> TakeEncoderEnds(const Hyperparameters& numbers, TensorFinder& weights,
                             ModelSpec& spec) {
  LEDGE_TRY(spec.pooling, ReadPooling(numbers));
  LEDGE_TRY(spec.embedding_norm,
            TakeNorm(weights, NormKind::kLayer, "token_embd_norm", spec.width));
  constexpr std::string_view kTypes = "token_types.weight";
  if (!weights.has(kTypes)) return {};
  LEDGE_TRY(const uint32_t types, weights.Rows(kTypes, kMaxTokenTypes));
  LEDGE_TRY(spec.type_embedding, weights.OptionalRows(kTypes, types, spec.width));
  spec.type_embedding.size = spec.width;
  return {};
}

}  // namespace ledge
