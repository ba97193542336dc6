#include "model/hyperparameters.h"

#include <cmath>

namespace ledge {
namespace {

// Longer ones are no names; "general.architecture" becomes part of every key and message.
constexpr size_t kMaxArchitectureBytes = 64;

}  // namespace

Result<Hyperparameters> Hyperparameters::Of(const GgufHeader& header) {
  LEDGE_TRY(const std::string_view name, header.String("general.architecture"));
  if (name.empty() || name.size() > kMaxArchitectureBytes) {
    return header.Malformed(
        "general.architecture",
        fmt::format("has {} bytes; it should be a name like 'llama'", name.size()));
  }
  return Hyperparameters(header, std::string(name));
}

Error Hyperparameters::Malformed(std::string_view name, std::string_view problem) const {
  return header_->Malformed(Key(name), problem);
}

Error Hyperparameters::Unsupported(std::string_view name, std::string_view problem) const {
  Error error = Malformed(name, problem);
  error.code = Code::kUnsupported;
  return error;
}

Result<uint32_t> Hyperparameters::Count(std::string_view name, CountRange range) const {
  const GgufValue* const value = header_->Find(Key(name));
  if (value != nullptr && value->type == GgufType::kArray) {
    return Unsupported(name,
                       fmt::format("is an array of {}: layers that differ in it are not supported; "
                                   "it should be one number",
                                   value->count));
  }
  LEDGE_TRY(const uint64_t number, header_->Unsigned(Key(name)));
  if (number < range.least || number > range.most) {
    return Malformed(
        name, fmt::format("is {}; it should be from {} to {}", number, range.least, range.most));
  }
  return static_cast<uint32_t>(number);
}

Result<uint32_t> Hyperparameters::Count(std::string_view name, CountRange range,
                                        uint32_t fallback) const {
  if (has(name)) return Count(name, range);
  if (fallback < range.least || fallback > range.most) {
    return Malformed(name, fmt::format("is missing, which means {}; it should be from {} to {}",
                                       fallback, range.least, range.most));
  }
  return fallback;
}

Result<double> Hyperparameters::Positive(std::string_view name) const {
  LEDGE_TRY(const double number, header_->Number(Key(name)));
  const auto narrow = static_cast<float>(number);
  if (!(narrow > 0) || !std::isfinite(narrow)) {
    return Malformed(name, fmt::format("is {}; it should be positive and finite", number));
  }
  return number;
}

Result<double> Hyperparameters::Positive(std::string_view name, double fallback) const {
  if (!has(name)) return fallback;
  return Positive(name);
}

}  // namespace ledge
