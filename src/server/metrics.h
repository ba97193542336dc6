// What /metrics tells, in Prometheus' text format. Source: "Exposition formats", version 0.0.4.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ledge {

class Histogram {
 public:
  // Upper bounds in seconds.
  static constexpr std::array kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                         0.25,  0.5,    1.0,   2.5,  5.0,   10.0, 30.0};
  void Observe(std::chrono::nanoseconds duration);
  void AppendTo(std::string& out, std::string_view name, std::string_view help) const;

 private:
  std::array<uint64_t, kBounds.size() + 1> counts_{};
  double sum_ = 0;
  uint64_t count_ = 0;
};

struct Metrics {
  std::map<std::pair<std::string, int>, uint64_t>
      requests;  // by path (of those there are) and status
  Histogram to_first_token;
  Histogram between_tokens;
  Histogram request_time;
};

void AppendMetric(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help);
// {model="..."} and the like: label values are escaped.
std::string Label(std::string_view name, std::string_view value);

}  // namespace ledge
