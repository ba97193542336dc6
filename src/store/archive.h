// Takes one member out of a zip or tar archive of a stranger's. Only that member's bytes are ever
// written, to a place the caller chose: names inside the archive lead nowhere.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "os/os.h"

namespace ledge {

// Writes the member named exactly `member` to `out` (not committed). At most `max_bytes` (a bomb is
// kMalformed); kNotFound if the archive has no such member.
Result<uint64_t> ExtractMember(const std::string& archive_path, const std::string& member,
                               uint64_t max_bytes, PendingFile& out);

}  // namespace ledge
