#include "model/rope_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>

namespace ledge {
namespace {

// Far more than any head has; bounds the table.
constexpr uint32_t kMaxRopeDims = 4096;

Result<void> CheckPositive(std::string_view field, double value) {
  if (std::isfinite(value) && value > 0) return {};
  return MakeError(Code::kMalformed, "{} is {}; must be positive and finite", field, value);
}

Result<void> CheckYarn(const RopeSpec& spec) {
  LEDGE_CHECK_OK(CheckPositive("rope.scaling.yarn_beta_fast", spec.beta_fast));
  LEDGE_CHECK_OK(CheckPositive("rope.scaling.yarn_beta_slow", spec.beta_slow));
  if (spec.original_context == 0) {
    return MakeError(
        Code::kMalformed,
        "rope.scaling.original_context_length is missing or 0; yarn needs the context the model "
        "was first trained with");
  }
  if (spec.base <= 1) {
    return MakeError(Code::kMalformed, "rope.freq_base is {}; must be above 1 for yarn", spec.base);
  }
  if (!std::isfinite(spec.log_multiplier) || spec.log_multiplier < 0) {
    return MakeError(Code::kMalformed,
                     "rope.scaling.yarn_log_multiplier is {}; must be finite and not negative",
                     spec.log_multiplier);
  }
  return {};
}

Result<void> Check(const RopeSpec& spec) {
  if (spec.dims == 0 || spec.dims % 2 != 0 || spec.dims > kMaxRopeDims) {
    return MakeError(Code::kMalformed, "rope.dimension_count is {}; must be even and in 2..{}",
                     spec.dims, kMaxRopeDims);
  }
  LEDGE_CHECK_OK(CheckPositive("rope.freq_base", spec.base));
  LEDGE_CHECK_OK(CheckPositive("rope.scaling.attn_factor", spec.attn_factor));
  if (spec.scaling != RopeScaling::kNone)
    LEDGE_CHECK_OK(CheckPositive("rope.scaling.factor", spec.factor));
  if (spec.scaling == RopeScaling::kYarn) LEDGE_CHECK_OK(CheckYarn(spec));
  if (!spec.factors.empty() && spec.factors.size() != spec.dims / 2) {
    return MakeError(
        Code::kMalformed,
        "rope frequency factors have {} values; must be {}, half of rope.dimension_count",
        spec.factors.size(), spec.dims / 2);
  }
  for (const float factor : spec.factors) {
    LEDGE_CHECK_OK(CheckPositive("a rope frequency factor", static_cast<double>(factor)));
  }
  return {};
}

// 1 for a pair that keeps its frequency, 0 for one that is interpolated, a ramp between.
class YarnRamp {
 public:
  explicit YarnRamp(const RopeSpec& spec)
      : low_(PairThatTurns(spec, spec.beta_fast)), high_(PairThatTurns(spec, spec.beta_slow)) {
    if (spec.truncate) {
      low_ = std::floor(low_);
      high_ = std::ceil(high_);
    }
    low_ = std::max(0.0, low_);
    high_ = std::min(spec.dims - 1.0, high_);
  }

  double Keep(uint32_t pair) const {
    return 1 - std::clamp((pair - low_) / std::max(0.001, high_ - low_), 0.0, 1.0);
  }

 private:
  // The (fractional) pair that turns `turns` times within the original context.
  static double PairThatTurns(const RopeSpec& spec, double turns) {
    return spec.dims * std::log(spec.original_context / (turns * 2 * std::numbers::pi)) /
           (2 * std::log(spec.base));
  }

  double low_;
  double high_;
};

double YarnMagnitude(double factor, double multiplier) {
  return factor <= 1 ? 1.0 : 1 + 0.1 * multiplier * std::log(factor);
}

// With the log multiplier the model's own scaling of the scores has part of the magnitude already.
double Magnitude(const RopeSpec& spec) {
  if (spec.scaling != RopeScaling::kYarn) return spec.attn_factor;
  return spec.attn_factor * YarnMagnitude(spec.factor, 1) /
         YarnMagnitude(spec.factor, spec.log_multiplier);
}

}  // namespace

Result<RopeTable> RopeTable::Create(const RopeSpec& spec) {
  LEDGE_CHECK_OK(Check(spec));
  std::vector<double> frequencies(spec.dims / 2);
  for (uint32_t i = 0; i < frequencies.size(); ++i) {
    double f = std::pow(spec.base, -2.0 * i / spec.dims);
    if (!spec.factors.empty()) f /= static_cast<double>(spec.factors[i]);
    if (spec.scaling == RopeScaling::kLinear) f /= spec.factor;
    if (spec.scaling == RopeScaling::kYarn) {
      const double keep = YarnRamp(spec).Keep(i);
      f = f / spec.factor * (1 - keep) + f * keep;
    }
    if (!std::isfinite(f * std::numeric_limits<uint32_t>::max())) {
      return MakeError(
          Code::kMalformed,
          "rope.freq_base {} and rope.scaling.factor {} give pair {} an infinite frequency; a base "
          "is usually 10000 or more",
          spec.base, spec.factor, i);
    }
    frequencies[i] = f;
  }
  const double magnitude = Magnitude(spec);
  if (!(magnitude < static_cast<double>(std::numeric_limits<float>::max()))) {
    return MakeError(Code::kMalformed,
                     "rope.scaling.attn_factor {} is beyond the range of float; must be near 1",
                     spec.attn_factor);
  }
  return RopeTable(std::move(frequencies), magnitude);
}

void RopeTable::Fill(uint32_t position, float* cos_sin) const {
  for (size_t i = 0; i < frequencies_.size(); ++i) {
    const double angle = position * frequencies_[i];
    cos_sin[2 * i] = static_cast<float>(std::cos(angle) * magnitude_);
    cos_sin[2 * i + 1] = static_cast<float>(std::sin(angle) * magnitude_);
  }
}

}  // namespace ledge
