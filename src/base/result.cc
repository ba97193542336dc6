#include "base/result.h"

namespace ledge {

Error FormatError(Code code, fmt::string_view format, fmt::format_args args) {
  return Error{code, fmt::vformat(format, args)};
}

}  // namespace ledge
