#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace ledge::jinja {

// The moment in local time, as strftime(3) of the C locale writes it. Unknown letters stay as they
// are.
std::string FormatTime(std::string_view format, std::chrono::system_clock::time_point moment);

}  // namespace ledge::jinja
