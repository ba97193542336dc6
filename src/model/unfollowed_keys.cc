#include "model/unfollowed_keys.h"

#include <array>

namespace ledge {
namespace {

// Numbers that mean "as usual" where they are 0.
constexpr std::array<std::string_view, 6> kZero = {
    "attention.clamp_kqv",          "attention.max_alibi_bias", "attention.shared_kv_layers",
    "attention.temperature_length", "router_logit_softcapping", "attention.temperature_scale",
};

Result<void> CheckZero(const Hyperparameters& numbers, std::string_view name) {
  LEDGE_TRY(const double number, numbers.header().Number(numbers.Key(name), 0));
  if (number == 0) return {};
  return numbers.OnlySupported(name, fmt::format("{}", number), "0");
}

// That layers with a window are in this as the others are.
Result<void> CheckSame(const Hyperparameters& numbers, std::string_view name,
                       std::string_view usual) {
  if (!numbers.has(name)) return {};
  LEDGE_TRY(const double number, numbers.header().Number(numbers.Key(name)));
  LEDGE_TRY(const double wanted, numbers.header().Number(numbers.Key(usual), number));
  if (number == wanted) return {};
  return numbers.Unsupported(
      name, fmt::format("is {}; layers that differ in it are not supported, it should be {}, as {}",
                        number, wanted, usual));
}

Result<void> CheckCausal(const Hyperparameters& numbers, bool encoder) {
  constexpr std::string_view kName = "attention.causal";
  LEDGE_TRY(const bool causal, numbers.header().Bool(numbers.Key(kName), !encoder));
  if (causal != encoder) return {};
  return numbers.OnlySupported(kName, fmt::format("{}", causal), fmt::format("{}", !encoder));
}

// Models of pictures turn parts of a head by rows and columns, and have other pairs.
Result<void> CheckSections(const Hyperparameters& numbers) {
  constexpr std::string_view kName = "rope.dimension_sections";
  LEDGE_TRY(const std::vector<uint64_t> sections, numbers.IntegersIfThere(kName));
  for (const uint64_t section : sections) {
    if (section == 0) continue;
    return numbers.Unsupported(
        kName, "is there; rotation in sections is not supported, only that of texts");
  }
  return {};
}

Result<void> CheckGroups(const Hyperparameters& numbers) {
  constexpr std::string_view kName = "expert_group_count";
  LEDGE_TRY(const uint64_t groups, numbers.header().Unsigned(numbers.Key(kName), 0));
  if (groups <= 1) return {};
  return numbers.Unsupported(
      kName, fmt::format("is {}; experts that are chosen by groups are not supported", groups));
}

}  // namespace

Result<void> CheckKeysFollowed(const Hyperparameters& numbers, const ModelSpec& spec) {
  for (const std::string_view name : kZero) LEDGE_CHECK_OK(CheckZero(numbers, name));
  LEDGE_CHECK_OK(CheckSame(numbers, "attention.key_length_swa", "attention.key_length"));
  LEDGE_CHECK_OK(CheckSame(numbers, "attention.value_length_swa", "attention.value_length"));
  LEDGE_CHECK_OK(CheckSame(numbers, "rope.dimension_count_swa", "rope.dimension_count"));
  // Architectures that know a second rotation read this themselves.
  if (spec.ropes.size() < 2)
    LEDGE_CHECK_OK(CheckSame(numbers, "rope.freq_base_swa", "rope.freq_base"));
  LEDGE_CHECK_OK(CheckSections(numbers));
  LEDGE_CHECK_OK(CheckGroups(numbers));
  return CheckCausal(numbers, spec.encoder);
}

}  // namespace ledge
