#include "hf/rope.h"

#include <cmath>
#include <numbers>

namespace ledge {
namespace {

// The object that describes the kind; the configuration itself where there is none.
Result<HfConfig> ScalingOf(const HfConfig& config) {
  for (const std::string_view field : {"rope_scaling", "rope_parameters"}) {
    LEDGE_TRY(const auto object, config.Object(field));
    if (!object) continue;
    LEDGE_TRY(const auto full, object->Object("full_attention"));
    return full ? *full : *object;
  }
  return HfConfig::None(config.file());
}

Result<double> PositiveOf(const HfConfig& object, std::string_view field, double fallback) {
  LEDGE_TRY(const double value, object.Number(field, fallback));
  if (value > 0) return value;
  return object.Malformed(field, fmt::format("is {}; it should be above 0", value));
}

// What a kind can't do without: a value that is made up would turn all positions otherwise.
Result<double> PositiveOf(const HfConfig& object, std::string_view field) {
  LEDGE_TRY(const double value, object.Number(field));
  return PositiveOf(object, field, value);
}

// The length that the model was trained for before it was stretched.
Result<uint64_t> OriginalContext(const HfConfig& config, const HfConfig& scaling) {
  constexpr std::string_view kField = "original_max_position_embeddings";
  const HfConfig& holder = scaling.has(kField) ? scaling : config;
  if (!holder.has(kField)) return config.Count("max_position_embeddings");
  LEDGE_TRY(const uint64_t original, holder.Count(kField));
  if (original > 0) return original;
  return holder.Malformed(kField, "is 0; it should be from 1 up");
}

// Llama 3.1: divisors of the frequencies, from none for those that turn fast to all of `factor`.
Result<void> AddLlama3(Conversion& conversion, const HfConfig& scaling, uint64_t dims,
                       double theta) {
  LEDGE_TRY(const double factor, PositiveOf(scaling, "factor"));
  LEDGE_TRY(const double low, PositiveOf(scaling, "low_freq_factor"));
  LEDGE_TRY(const double high, PositiveOf(scaling, "high_freq_factor"));
  LEDGE_TRY(const double original, PositiveOf(scaling, "original_max_position_embeddings"));
  if (high <= low) {
    return scaling.Malformed(
        "high_freq_factor",
        fmt::format("is {}; it should be above low_freq_factor, which is {}", high, low));
  }
  std::vector<float> divisors;
  for (uint64_t i = 0; i < dims; i += 2) {
    const double exponent = static_cast<double>(i) / static_cast<double>(dims);
    const double wave = 2 * std::numbers::pi * std::pow(theta, exponent);
    double divisor = 1;
    if (wave > original / low) {
      divisor = factor;
    } else if (wave >= original / high) {
      const double smooth = (original / wave - low) / (high - low);
      divisor = 1 / ((1 - smooth) / factor + smooth);
    }
    divisors.push_back(static_cast<float>(divisor));
  }
  conversion.AddVector("rope_freqs.weight", std::move(divisors));
  return {};
}

Result<void> AddYarn(Conversion& conversion, const HfConfig& scaling, double factor) {
  for (const std::string_view field : {"attention_factor", "mscale", "mscale_all_dim"}) {
    const double usual = field == "attention_factor" ? 0.1 * std::log(factor) + 1 : 1;
    LEDGE_TRY(const double value, scaling.Number(field, usual));
    if (std::fabs(value - usual) > 1e-4) {
      return scaling.Unsupported(
          field, fmt::format("is {}; only yarn's own {:.4f} is supported", value, usual));
    }
  }
  LEDGE_TRY(const bool truncate, scaling.Bool("truncate", true));
  LEDGE_TRY(const uint64_t original, OriginalContext(conversion.config(), scaling));
  LEDGE_TRY(const double fast, PositiveOf(scaling, "beta_fast", 32));
  LEDGE_TRY(const double slow, PositiveOf(scaling, "beta_slow", 1));
  conversion.PutText("rope.scaling.type", "yarn");
  conversion.PutNumber("rope.scaling.factor", factor);
  conversion.PutCount("rope.scaling.original_context_length", original);
  conversion.PutNumber("rope.scaling.yarn_beta_fast", fast);
  conversion.PutNumber("rope.scaling.yarn_beta_slow", slow);
  if (!truncate) conversion.PutBool("rope.scaling.yarn_truncate", false);
  return {};
}

Result<void> AddLongRope(Conversion& conversion, const HfConfig& scaling, uint64_t dims) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const uint64_t context, config.Count("max_position_embeddings"));
  LEDGE_TRY(const uint64_t original, OriginalContext(config, scaling));
  const double stretch = static_cast<double>(context) / static_cast<double>(original);
  const double usual =
      stretch > 1 ? std::sqrt(1 + std::log(stretch) / std::log(static_cast<double>(original))) : 1;
  if (!std::isfinite(usual)) {
    return config.Malformed("original_max_position_embeddings", "is 1; it should be longer");
  }
  LEDGE_TRY(const double attention, PositiveOf(scaling, "attention_factor", usual));
  conversion.PutCount("rope.scaling.original_context_length", original);
  conversion.PutNumber("rope.scaling.attn_factor", attention);
  for (const std::string_view name : {"long", "short"}) {
    const std::string field = std::string(name) + "_factor";
    LEDGE_TRY(const std::vector<double> factors, scaling.Numbers(field));
    if (factors.size() != dims / 2) {
      return scaling.Malformed(field,
                               fmt::format("has {} numbers; it should have {}, one for two of the "
                                           "{} dimensions that turn",
                                           factors.size(), dims / 2, dims));
    }
    conversion.AddVector(fmt::format("rope_factors_{}.weight", name),
                         {factors.begin(), factors.end()});
  }
  return {};
}

}  // namespace

Result<void> ConvertRope(Conversion& conversion, const HfRope& rope) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfConfig scaling, ScalingOf(config));
  const HfConfig& theta_holder = scaling.has("rope_theta") ? scaling : config;
  LEDGE_TRY(const double theta, PositiveOf(theta_holder, "rope_theta", rope.fallback));
  conversion.PutCount("rope.dimension_count", rope.dims);
  conversion.PutNumber("rope.freq_base", theta, "rope_theta");
  constexpr std::string_view kSections = "mrope_section";
  if (scaling.has(kSections))
    return scaling.Unsupported(kSections, "is there; only the rotation of texts is supported");
  LEDGE_TRY(const std::string old_type, scaling.Text("type", "default"));
  LEDGE_TRY(const std::string type, scaling.Text("rope_type", old_type));
  if (type == "default" || type == "dynamic") return {};
  if (type == "llama3") return AddLlama3(conversion, scaling, rope.dims, theta);
  if (type == "longrope" || type == "su") return AddLongRope(conversion, scaling, rope.dims);
  if (type != "linear" && type != "yarn") {
    return scaling.Unsupported(
        scaling.has("rope_type") ? "rope_type" : "type",
        fmt::format("is \"{}\"; default, linear, dynamic, yarn, llama3 and longrope are supported",
                    PrintableLine(type, 40)));
  }
  LEDGE_TRY(const double factor, PositiveOf(scaling, "factor"));
  if (type == "yarn") return AddYarn(conversion, scaling, factor);
  conversion.PutText("rope.scaling.type", "linear");
  conversion.PutNumber("rope.scaling.factor", factor);
  return {};
}

Result<uint64_t> RotatedDims(const HfConfig& config, uint64_t head, double fallback) {
  constexpr std::string_view kField = "partial_rotary_factor";
  LEDGE_TRY(const HfConfig scaling, ScalingOf(config));
  const HfConfig& holder = scaling.has(kField) ? scaling : config;
  LEDGE_TRY(const double share, holder.Number(kField, fallback));
  if (share <= 0 || share > 1) {
    return holder.Malformed(kField, fmt::format("is {}; it should be above 0, up to 1", share));
  }
  return static_cast<uint64_t>(share * static_cast<double>(head));
}

}  // namespace ledge
