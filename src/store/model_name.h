// Names of models: what users type, folded to one spelling, and the file that a name's manifest
// lies in.
//
// A name is [a-z0-9][a-z0-9._-]{0,63}, capitals folded, optionally "org/" before and ":tag" after,
// both of the same shape. A bare name means ":latest".
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ledge {

struct ModelName {
  std::string org;  // "" for none
  std::string name;
  std::string tag = "latest";

  // "org/name:tag" with ":latest" left out.
  std::string ToString() const;
  // "org+name@tag.json": characters that no part can hold keep the parts apart, so this is
  // reversible.
  std::string ManifestFile() const;
  static Result<ModelName> FromManifestFile(std::string_view file);
  auto operator<=>(const ModelName&) const = default;
};

// kUsage for anything but a name.
Result<ModelName> ParseModelName(std::string_view text);

// A name for a file that its user gave none: "Foo Bar.Q4_0.gguf" -> "foo-bar.q4_0".
ModelName SuggestModelName(std::string_view path);

}  // namespace ledge
