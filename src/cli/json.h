// What commands print and say to a server: objects whose fields stay in the order they were put in.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace ledge {

using Json = nlohmann::ordered_json;

}  // namespace ledge
