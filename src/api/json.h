// JSON as requests, answers and commands have it: objects whose fields stay in the order they were
// put in.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace ledge {

using Json = nlohmann::ordered_json;

}  // namespace ledge
