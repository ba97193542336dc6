// Files that fit in memory: manifests, stamps.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "os/os.h"

namespace ledge {

// The whole file; kMalformed if it is longer than `max_bytes`.
Result<std::string> ReadSmall(Os& os, const std::string& path, size_t max_bytes);
// Beside, synced and renamed.
Result<void> WriteSmall(Os& os, const std::string& path, std::string_view contents);

}  // namespace ledge
