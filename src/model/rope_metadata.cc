#include "model/rope_metadata.h"

#include <cmath>

#include "kernels/kv_page.h"

namespace ledge {
namespace {

Result<RopeScaling> ReadScaling(const Hyperparameters& numbers) {
  constexpr std::string_view kName = "rope.scaling.type";
  // A factor without a type is linear: files from before there were types have only that.
  LEDGE_TRY(const std::string_view type, numbers.header().String(numbers.Key(kName), "linear"));
  if (type == "none") return RopeScaling::kNone;
  if (type == "linear") return RopeScaling::kLinear;
  if (type == "yarn") return RopeScaling::kYarn;
  if (type == "longrope") return RopeScaling::kNone;  // its factors are tensors
  return numbers.Unsupported(
      kName, fmt::format("is '{}'; this build knows none, linear, yarn and longrope",
                         PrintableLine(type, 40)));
}

// 0, which some files hold, means that nothing is scaled.
Result<double> ReadFactor(const Hyperparameters& numbers) {
  const std::string_view name =
      numbers.has("rope.scaling.factor") ? "rope.scaling.factor" : "rope.scale_linear";
  LEDGE_TRY(const double factor, numbers.header().Number(numbers.Key(name), 1.0));
  if (factor == 0) return 1.0;
  return numbers.Positive(name, 1.0);
}

// Variants of yarn that no converter writes for the models this build runs.
Result<void> RefuseYarnVariants(const Hyperparameters& numbers) {
  for (const std::string_view name :
       {"rope.scaling.yarn_ext_factor", "rope.scaling.yarn_attn_factor"}) {
    LEDGE_TRY(const double value, numbers.header().Number(numbers.Key(name), 1.0));
    if (value != 1)
      return numbers.Unsupported(name, fmt::format("is {}; only 1 is supported", value));
  }
  return {};
}

Result<void> ReadYarn(const Hyperparameters& numbers, uint32_t trained_context, RopeSpec& spec) {
  LEDGE_CHECK_OK(RefuseYarnVariants(numbers));
  LEDGE_TRY(spec.original_context, numbers.Count("rope.scaling.original_context_length",
                                                 {1, kMaxContext}, trained_context));
  LEDGE_TRY(spec.beta_fast, numbers.Positive("rope.scaling.yarn_beta_fast", spec.beta_fast));
  LEDGE_TRY(spec.beta_slow, numbers.Positive("rope.scaling.yarn_beta_slow", spec.beta_slow));
  LEDGE_TRY(spec.log_multiplier,
            numbers.header().Number(numbers.Key("rope.scaling.yarn_log_multiplier"),
                                    spec.log_multiplier));
  LEDGE_TRY(spec.truncate,
            numbers.header().Bool(numbers.Key("rope.scaling.yarn_truncate"), spec.truncate));
  return {};
}

// LongRoPE: divisors for sequences up to the original context, and others for longer ones.
Result<Rope> ReadLongRope(const Hyperparameters& numbers, TensorFinder& weights, RopeSpec spec,
                          uint32_t trained_context) {
  LEDGE_TRY(const VectorWeights near, weights.Vector("rope_factors_short.weight", spec.dims / 2));
  LEDGE_TRY(const VectorWeights far, weights.Vector("rope_factors_long.weight", spec.dims / 2));
  LEDGE_TRY(const uint32_t original, numbers.Count("rope.scaling.original_context_length",
                                                   {1, kMaxContext}, trained_context));
  if (near) spec.factors = {near.data, near.size};
  const std::string& file = numbers.header().file();
  LEDGE_TRY(RopeTable table, RopeTable::Create(spec).WithContext(file));
  if (far) spec.factors = {far.data, far.size};
  LEDGE_TRY(RopeTable beyond, RopeTable::Create(spec).WithContext(file));
  return Rope{std::move(table), std::move(beyond), original};
}

Result<RopeSpec> ReadRopeSpec(const Hyperparameters& numbers, uint32_t key_dim,
                              uint32_t trained_context) {
  RopeSpec spec;
  LEDGE_TRY(spec.dims, numbers.Count("rope.dimension_count", {2, key_dim}, key_dim));
  if (spec.dims % 2 != 0) {
    return numbers.Malformed(
        "rope.dimension_count",
        fmt::format("is {}; it should be even, dimensions turn in pairs", spec.dims));
  }
  LEDGE_TRY(spec.base, numbers.Positive("rope.freq_base", spec.base));
  LEDGE_TRY(spec.scaling, ReadScaling(numbers));
  LEDGE_TRY(spec.factor, ReadFactor(numbers));
  LEDGE_TRY(spec.attn_factor, numbers.Positive("rope.scaling.attn_factor", spec.attn_factor));
  if (spec.scaling == RopeScaling::kYarn) LEDGE_CHECK_OK(ReadYarn(numbers, trained_context, spec));
  return spec;
}

}  // namespace

Result<Rope> ReadRope(const Hyperparameters& numbers, TensorFinder& weights, uint32_t key_dim,
                      uint32_t trained_context) {
  LEDGE_TRY(RopeSpec spec, ReadRopeSpec(numbers, key_dim, trained_context));
  if (weights.has("rope_factors_long.weight") || weights.has("rope_factors_short.weight"))
    return ReadLongRope(numbers, weights, spec, trained_context);
  constexpr std::string_view kType = "rope.scaling.type";
  LEDGE_TRY(const std::string_view type, numbers.header().String(numbers.Key(kType), ""));
  if (type == "longrope") {
    return numbers.Unsupported(kType,
                               "is 'longrope' without its factors; there should be a tensor "
                               "'rope_factors_long.weight' and one 'rope_factors_short.weight'");
  }
  LEDGE_TRY(const VectorWeights factors,
            weights.OptionalVector("rope_freqs.weight", spec.dims / 2));
  if (factors) spec.factors = {factors.data, factors.size};
  LEDGE_TRY(RopeTable table, RopeTable::Create(spec).WithContext(numbers.header().file()));
  return Rope{.table = std::move(table)};
}

Result<Rope> ReadLocalRope(const Hyperparameters& numbers, uint32_t dims, double fallback) {
  RopeSpec spec;
  spec.dims = dims;
  LEDGE_TRY(spec.base, numbers.Positive("rope.freq_base_swa", fallback));
  LEDGE_TRY(RopeTable table, RopeTable::Create(spec).WithContext(numbers.header().file()));
  return Rope{.table = std::move(table)};
}

}  // namespace ledge
