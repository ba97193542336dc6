// Whose turn it is among clients that wait: each gets as much as the others, counted in tokens,
// however many requests it has sent. Source: start-time fair queueing, Goyal et al. 1996, with
// clients as flows.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ledge {

class Turns {
 public:
  // The client's place: the lowest is next. One that was away doesn't get what it did not use.
  double Place(std::string_view client) const;
  // It was served so many tokens.
  void Charge(std::string_view client, uint64_t tokens);

  static constexpr size_t kMaxClients = 4096;  // remembered; then all begin anew

 private:
  double now_ = 0;  // the place of whoever was served last
  std::unordered_map<std::string, double> places_;
};

}  // namespace ledge
