// A stored model as the JSON of `list` and `show`.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "store/store.h"

namespace ledge {

nlohmann::ordered_json ManifestJson(const Store& store, const Manifest& manifest);
// Seconds since 1970 as "2026-01-31T12:00:00Z".
std::string FormatTime(int64_t unix_seconds);

}  // namespace ledge
