// Server-sent events as they arrive, in pieces of any size. Source: WHATWG HTML, "Server-sent
// events"; only the `data` field is of interest here.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ledge {

// An event longer than this is no token.
inline constexpr size_t kMaxEventBytes = 1 << 20;

// Used by one thread.
class SseReader {
 public:
  using Listener = std::function<void(std::string_view data)>;
  explicit SseReader(Listener listener) : listener_(std::move(listener)) {}

  // Calls the listener for every event that ends in `bytes`. kMalformed beyond kMaxEventBytes.
  Result<void> Feed(std::string_view bytes);

 private:
  void EndLine();

  Listener listener_;
  std::string line_;
  std::string data_;
  bool has_data_ = false;
  bool after_return_ = false;  // a line feed right behind it belongs to the same line end
};

}  // namespace ledge
