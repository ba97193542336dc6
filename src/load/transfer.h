// One request of a load test under way, over libcurl.
#pragma once

#include <chrono>
#include <string>

#include "load/curl.h"
#include "load/load_report.h"
#include "load/sse.h"

namespace ledge {

// The body of an answer, or what is kept of a long one.
inline constexpr size_t kMaxKeptBody = 1 << 16;

// Stays where it is while it runs: libcurl holds its address.
class Transfer {
 public:
  using Clock = std::chrono::steady_clock;

  // `due`: when it should have begun.
  Transfer(CurlEasy handle, std::string body, Clock::time_point due);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const { return handle_.get(); }
  // Once libcurl is done with it.
  RequestOutcome Finish(CURLcode code);
  // For the next request.
  CurlEasy TakeHandle() { return std::move(handle_); }

 private:
  static size_t OnBytes(char* bytes, size_t size, size_t count, void* self);
  bool Receive(std::string_view bytes);
  void OnEvent(std::string_view data);

  CurlEasy handle_;
  std::string body_;  // of the request
  Clock::time_point due_;
  Clock::time_point last_piece_;
  SseReader events_;
  std::string answer_;  // of a request that was refused
  bool ended_ = false;  // "[DONE]" came
  RequestOutcome outcome_;
};

}  // namespace ledge
