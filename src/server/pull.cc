#include "server/pull.h"

#include <thread>

#include "os/process.h"
#include "store/catalogue.h"
#include "store/model_name.h"

namespace ledge {

bool MayPull(const std::string& name) {
  const auto parsed = ParseModelName(name);
  return parsed.ok() && FindInCatalogue(parsed->ToString()) != nullptr;
}

void PullInBackground(EventLoop& loop, const std::string& home, const std::string& name,
                      std::function<void(const ApiError* error)> done) {
  std::thread([&loop, home, name, done = std::move(done)] {
    const auto result = RunProcess({"/proc/self/exe", "--home", home, "pull", name}, {});
    ApiError error{.status = 503, .code = "pull_failed", .message = "", .retry_after = 60};
    const bool ok = result.ok() && result->exit_status == 0;
    if (!ok) error.message = PrintableLine(result.ok() ? result->output : result.error().message);
    loop.Post([ok, error, done] { done(ok ? nullptr : &error); });
  }).detach();
}

}  // namespace ledge
