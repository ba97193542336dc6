// A model in memory, as /ledge/v1 and `ledge ps` show it.
#pragma once

#include "api/json_reader.h"
#include "residency/residency.h"

namespace ledge {

Json StatusJson(const ModelStatus& status);

}  // namespace ledge
