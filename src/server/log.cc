#include "server/log.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>

namespace ledge {

std::string TimeText(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  const auto since = std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = since / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
  return fmt::format("{}.{:03}Z", text, since % 1000);
}

void Log::Write(std::string_view level, std::string_view fields) const {
  const std::string line =
      fmt::format("time={} level={} {}\n", TimeText(os_.WallNow()), level, PrintableLine(fields));
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void Log::Info(std::string_view fields) const {
  if (!quiet_) Write("info", fields);
}

void Log::Warn(std::string_view fields) const { Write("warning", fields); }

}  // namespace ledge
