// The server's log: one line an event on stderr, "time=... level=info event=... key=value ...".
// Never a prompt, an answer or a key.
#pragma once

#include <string_view>

#include "os/os.h"

namespace ledge {

class Log {
 public:
  Log(Os& os, bool quiet) : os_(os), quiet_(quiet) {}
  // `fields`: "event=request id=7 status=200", made printable here.
  void Info(std::string_view fields) const;
  void Warn(std::string_view fields) const;

 private:
  void Write(std::string_view level, std::string_view fields) const;
  Os& os_;
  bool quiet_;
};

// RFC 3339 in UTC, with milliseconds.
std::string TimeText(std::chrono::system_clock::time_point time);

}  // namespace ledge
