// What systemd wants to know of a service of Type=notify. Source: sd_notify(3). Nothing happens
// outside of systemd.
#pragma once

#include <chrono>
#include <string_view>

namespace ledge {

void NotifySystemd(std::string_view state);
// WatchdogSec of the unit, if this process is to be watched; else 0.
std::chrono::nanoseconds WatchdogInterval();

}  // namespace ledge
