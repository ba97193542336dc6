// What is said where a file is not what it was when its reading began.
#pragma once

#include <string_view>

#include "base/result.h"

namespace ledge {

// kMalformed, naming the file.
inline Error ChangedWhileRead(std::string_view path) {
  return MakeError(Code::kMalformed,
                   "{} changed while it was read; try again when nobody writes to it",
                   PrintableLine(path, 200));
}

}  // namespace ledge
