// What is in force, as /ledge/v1/settings tells it.
#pragma once

#include "api/json_reader.h"
#include "server/server.h"

namespace ledge {

// Names are those of `ledge serve`'s options, with '_' and a unit: bytes, seconds, percent. Neither
// keys nor paths of files are told, but whether there are any.
Json SettingsJson(const ServerOptions& options);

}  // namespace ledge
