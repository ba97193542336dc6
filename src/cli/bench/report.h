// What a benchmark found, for programs and for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/bench/ablation.h"
#include "cli/bench/limits.h"
#include "cli/bench/machine.h"
#include "cli/bench/speed.h"
#include "cli/bench/width.h"
#include "cli/bench/work.h"

namespace ledge {

struct MeasuredTest {
  SpeedTest test;
  std::vector<double> rates;          // tokens a second, by run
  std::vector<MachineLimits> limits;  // right before and after each run
};

// One run of a test, and how fast the processor's clock was right after it.
struct TimelinePoint {
  double seconds = 0;  // since the first run began
  size_t test = 0;
  double tokens_per_second = 0;
  double clock_hz = 0;
};

struct BenchReport {
  MachineFacts machine;
  int threads = 1;
  std::string threads_why;
  std::string instructions;

  std::string file;
  std::string architecture;
  std::string type;
  uint64_t parameters = 0;
  uint64_t weight_bytes = 0;
  std::string kv_type;

  MachineLimits limits;
  ModelWork work;
  uint32_t max_columns = 1;
  std::vector<MeasuredTest> tests;
  std::vector<TimelinePoint> timeline;  // with --minutes
  std::vector<SpeedTest> ablation_tests;
  std::vector<AblationRow> ablation;
  std::optional<WidthReport> width;
};

nlohmann::ordered_json ReportJson(const BenchReport& report);
std::string ReportText(const BenchReport& report);

}  // namespace ledge
