#include "model/architecture.h"

#include "model/layer_groups.h"
#include "model/unfollowed_keys.h"

namespace ledge {
namespace {

std::string KnownNames() {
  std::string names;
  for (const Architecture* known : AllArchitectures()) {
    if (!names.empty()) names += ", ";
    names += known->name;
  }
  return names;
}

Result<const Architecture*> FindArchitecture(const Hyperparameters& numbers) {
  for (const Architecture* known : AllArchitectures()) {
    if (known->name == numbers.architecture()) return known;
  }
  return MakeError(Code::kUnsupported, "{}: architecture '{}' is not supported; this build runs {}",
                   numbers.header().file(), PrintableLine(numbers.architecture(), 80),
                   KnownNames());
}

}  // namespace

bool IsEncoder(std::string_view architecture) {
  for (const Architecture* known : AllArchitectures()) {
    if (known->name == architecture) return known->encoder;
  }
  return false;
}

Result<ModelSpec> BuildSpec(TensorFinder& weights) {
  LEDGE_TRY(const Hyperparameters numbers, Hyperparameters::Of(weights.header()));
  LEDGE_TRY(const Architecture* const architecture, FindArchitecture(numbers));
  LEDGE_TRY(ModelSpec spec, architecture->build(numbers, weights));
  LEDGE_CHECK_OK(weights.CheckAllTaken());
  if (spec.encoder != architecture->encoder)
    return MakeError(Code::kInternal, "the table of architectures is wrong about '{}'",
                     architecture->name);
  LEDGE_CHECK_OK(CheckKeysFollowed(numbers, spec));
  spec.architecture = numbers.architecture();
  LEDGE_TRY(const std::string_view name, weights.header().String("general.name", ""));
  spec.name = PrintableLine(name, 200);
  AssignCaches(spec);
  return spec;
}

}  // namespace ledge
