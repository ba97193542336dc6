// Fetches a model of the catalogue for a client, by `ledge pull` in a process of its own.
#pragma once

#include <functional>
#include <string>

#include "api/api_error.h"
#include "os/event_loop.h"

namespace ledge {

bool MayPull(const std::string& name);
// `done` is called on the loop's thread.
void PullInBackground(EventLoop& loop, const std::string& home, const std::string& name,
                      std::function<void(const ApiError* error)> done);

}  // namespace ledge
