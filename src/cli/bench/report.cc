#include "cli/bench/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/units.h"
#include "cli/table.h"

namespace ledge {
namespace {

Json SpreadJson(const std::vector<double>& rates) {
  const Spread spread = SpreadOf(rates);
  return {{"min", spread.min}, {"median", spread.median}, {"max", spread.max}};
}

// Null where it is not known.
Json Known(double value) { return value > 0 ? Json(value) : Json(nullptr); }

Json MachineJson(const BenchReport& report) {
  const CpuTopology& cpus = report.machine.cpus;
  return {{"cpu", report.machine.cpu},
          {"architecture", report.machine.architecture},
          {"kernel", report.machine.kernel},
          {"cores", cpus.cores.size()},
          {"performance_cores", cpus.performance_cores()},
          {"usable_cpus", cpus.usable_cpus},
          {"cpu_quota", cpus.quota ? Json(*cpus.quota) : Json(nullptr)},
          {"memory_bytes", report.machine.memory},
          {"threads", report.threads},
          {"threads_why", report.threads_why},
          {"instructions", report.instructions},
          {"limits",
           {{"int8_macs_per_second", Known(report.limits.macs_per_second)},
            {"read_bytes_per_second", Known(report.limits.read_bytes_per_second)},
            {"weights_read_bytes_per_second", Known(report.limits.weight_bytes_per_second)}}}};
}

Json TestJson(const SpeedTest& test) {
  Json json = {{"test", test.name}, {"streams", test.streams}, {"depth", test.prompt}};
  if (test.shared) json["shared_prefix"] = true;
  return json;
}

// Medians over the runs, each held against what the machine gave around it.
OfLimits Reached(const BenchReport& report, const MeasuredTest& measured) {
  std::vector<double> compute, bandwidth;
  for (size_t i = 0; i < measured.rates.size(); ++i) {
    const OfLimits of = OfLimitsAt(report.work, measured.test, measured.rates[i],
                                   report.max_columns, measured.limits[i]);
    compute.push_back(of.compute);
    bandwidth.push_back(of.bandwidth);
  }
  return {SpreadOf(std::move(compute)).median, SpreadOf(std::move(bandwidth)).median};
}

Json ResultsJson(const BenchReport& report) {
  auto results = Json::array();
  for (const MeasuredTest& measured : report.tests) {
    Json json = TestJson(measured.test);
    json["runs"] = measured.rates.size();
    json["tokens_per_second"] = SpreadJson(measured.rates);
    const OfLimits of = Reached(report, measured);
    json["of_limits"] = {{"compute", Known(of.compute)}, {"bandwidth", Known(of.bandwidth)}};
    results.push_back(std::move(json));
  }
  return results;
}

Json TimelineJson(const BenchReport& report) {
  auto timeline = Json::array();
  for (const TimelinePoint& point : report.timeline) {
    Json json = {{"seconds", point.seconds}};
    json.update(TestJson(report.tests[point.test].test));
    json["tokens_per_second"] = point.tokens_per_second;
    json["clock_hz"] = Known(point.clock_hz);
    timeline.push_back(std::move(json));
  }
  return timeline;
}

// How much faster a test runs with what the row leaves out: the median over the rounds.
double Gain(const BenchReport& report, const AblationRow& row, size_t test) {
  std::vector<double> gains;
  for (size_t round = 0; round < row.rates[test].size(); ++round)
    gains.push_back(report.ablation[0].rates[test][round] / row.rates[test][round] - 1);
  return SpreadOf(std::move(gains)).median;
}

Json AblationJson(const BenchReport& report) {
  auto rows = Json::array();
  for (const AblationRow& row : report.ablation) {
    auto tests = Json::array();
    for (size_t i = 0; i < report.ablation_tests.size(); ++i) {
      Json json = TestJson(report.ablation_tests[i]);
      json["tokens_per_second"] = SpreadJson(row.rates[i]);
      json["gain"] = Gain(report, row, i);
      tests.push_back(std::move(json));
    }
    rows.push_back({{"without", row.without}, {"tests", tests}});
  }
  return rows;
}

Json WidthJson(const WidthReport& width) {
  auto steps = Json::array();
  for (const StepTime& step : width.steps)
    steps.push_back({{"columns", step.columns}, {"seconds", step.seconds}});
  return {{"columns", width.width}, {"steps", steps}};
}

std::string Percent(double part) { return part > 0 ? fmt::format("{:.0f} %", 100 * part) : "-"; }

std::string HeadText(const BenchReport& report) {
  std::string text =
      fmt::format("{}, {} threads, {}, {}\n",
                  report.machine.cpu.empty() ? report.machine.architecture : report.machine.cpu,
                  report.threads, report.instructions, FormatSize(report.machine.memory));
  text += fmt::format("{} {} {}, {} of weights, KV {}\n", report.architecture,
                      FormatCount(report.parameters), report.type, FormatSize(report.weight_bytes),
                      report.kv_type);
  text += "limits: ";
  if (report.limits.macs_per_second > 0)
    text += fmt::format("{:.0f} int8 GMAC/s, ", report.limits.macs_per_second / 1e9);
  if (report.limits.read_bytes_per_second > 0)
    text += fmt::format("memory {:.1f} GB/s, ", report.limits.read_bytes_per_second / 1e9);
  return text +
         fmt::format("these weights {:.1f} GB/s\n", report.limits.weight_bytes_per_second / 1e9);
}

std::string ResultsText(const BenchReport& report) {
  Table table(
      {"TEST", "STREAMS", "DEPTH", "TOKENS/S", "MIN", "MAX", "RUNS", "OF COMPUTE", "OF BANDWIDTH"});
  for (const MeasuredTest& measured : report.tests) {
    const Spread spread = SpreadOf(measured.rates);
    const OfLimits of = Reached(report, measured);
    table.Row({measured.test.name, std::to_string(measured.test.streams),
               std::to_string(measured.test.prompt), fmt::format("{:.2f}", spread.median),
               fmt::format("{:.2f}", spread.min), fmt::format("{:.2f}", spread.max),
               std::to_string(measured.rates.size()), Percent(of.compute), Percent(of.bandwidth)});
  }
  return "\n" + table.Text();
}

// Up to a dozen parts of the time, each with the medians of what ran in it.
std::string TimelineText(const BenchReport& report) {
  constexpr size_t kParts = 12;
  std::vector<std::string> head = {"MINUTE", "CLOCK"};
  for (const MeasuredTest& measured : report.tests)
    head.push_back(fmt::format("{} x{}", measured.test.name, measured.test.streams));
  Table table(head);
  const double end = report.timeline.back().seconds + 1e-6;
  for (size_t part = 0; part < kParts; ++part) {
    std::vector<double> clocks;
    std::vector<std::vector<double>> rates(report.tests.size());
    for (const TimelinePoint& point : report.timeline) {
      if (static_cast<size_t>(point.seconds / end * kParts) != part) continue;
      clocks.push_back(point.clock_hz);
      rates[point.test].push_back(point.tokens_per_second);
    }
    if (clocks.empty()) continue;
    const double clock = SpreadOf(clocks).median;
    std::vector<std::string> cells = {
        fmt::format("{:.1f}", end * static_cast<double>(part) / kParts / 60),
        clock > 0 ? fmt::format("{:.2f} GHz", clock / 1e9) : "-"};
    for (const std::vector<double>& of_test : rates)
      cells.push_back(of_test.empty() ? "-" : fmt::format("{:.2f}", SpreadOf(of_test).median));
    table.Row(std::move(cells));
  }
  return "\n" + table.Text();
}

std::string AblationText(const BenchReport& report) {
  std::vector<std::string> head = {"WITHOUT"};
  for (const SpeedTest& test : report.ablation_tests)
    head.push_back(fmt::format("{} x{}", test.name, test.streams));
  Table table(head);
  for (const AblationRow& row : report.ablation) {
    std::vector<std::string> cells = {row.without.empty() ? "nothing" : row.without};
    for (size_t i = 0; i < row.rates.size(); ++i) {
      const double median = SpreadOf(row.rates[i]).median;
      cells.push_back(row.without.empty()
                          ? fmt::format("{:.2f}", median)
                          : fmt::format("{:.2f} ({:+.1f} %)", median, 100 * Gain(report, row, i)));
    }
    table.Row(std::move(cells));
  }
  return "\nin brackets: what it brings\n" + table.Text();
}

std::string WidthText(const WidthReport& width) {
  Table table({"COLUMNS", "MS A STEP", "COLUMNS/S"});
  for (const StepTime& step : width.steps) {
    table.Row({std::to_string(step.columns), fmt::format("{:.2f}", 1e3 * step.seconds),
               fmt::format("{:.1f}", step.columns / step.seconds)});
  }
  return fmt::format("\na step is bound by memory up to {} columns, by arithmetic beyond\n{}",
                     width.width, table.Text());
}

}  // namespace

Json ReportJson(const BenchReport& report) {
  Json json = {{"machine", MachineJson(report)},
               {"model",
                {{"file", report.file},
                 {"architecture", report.architecture},
                 {"type", report.type},
                 {"parameters", report.parameters},
                 {"weight_bytes", report.weight_bytes},
                 {"kv_type", report.kv_type}}},
               {"results", ResultsJson(report)}};
  if (!report.timeline.empty()) json["timeline"] = TimelineJson(report);
  if (!report.ablation.empty()) json["ablation"] = AblationJson(report);
  if (report.width) json["width"] = WidthJson(*report.width);
  return json;
}

std::string ReportText(const BenchReport& report) {
  std::string text = HeadText(report);
  if (!report.tests.empty()) text += ResultsText(report);
  if (!report.timeline.empty()) text += TimelineText(report);
  if (!report.ablation.empty()) text += AblationText(report);
  if (report.width) text += WidthText(*report.width);
  return text;
}

}  // namespace ledge
