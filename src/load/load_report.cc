#include "load/load_report.h"

#include <algorithm>
#include <cmath>

namespace ledge {
namespace {

// Kinds of failure that are told apart; what a server says may differ every time.
constexpr size_t kMaxFailureKinds = 20;

TimeSpread SpreadOf(std::vector<std::chrono::nanoseconds> values) {
  TimeSpread spread{.count = values.size()};
  if (values.empty()) return spread;
  std::sort(values.begin(), values.end());
  const auto rank = [&](double share) {
    const double at = std::ceil(share * static_cast<double>(values.size()));
    return std::chrono::duration<double>(values[static_cast<size_t>(std::max(at, 1.0)) - 1])
        .count();
  };
  spread.p50 = rank(0.50);
  spread.p95 = rank(0.95);
  spread.p99 = rank(0.99);
  spread.max = rank(1);
  return spread;
}

void AddUsage(const RequestOutcome& outcome, LoadReport& report) {
  if (!outcome.usage) {
    ++report.without_usage;
    report.tokens.completion_tokens += outcome.pieces;
    return;
  }
  report.tokens.prompt_tokens += outcome.usage->prompt_tokens;
  report.tokens.cached_tokens += outcome.usage->cached_tokens;
  report.tokens.completion_tokens += outcome.usage->completion_tokens;
  report.tokens.forced_tokens += outcome.usage->forced_tokens;
}

void AddFailure(const RequestOutcome& outcome, LoadReport& report) {
  ++report.failed;
  const bool known = report.failures.contains(outcome.error);
  const bool room = report.failures.size() < kMaxFailureKinds;
  ++report.failures[known || room ? outcome.error : "others"];
}

}  // namespace

LoadReport SumUp(const std::vector<RequestOutcome>& outcomes, std::chrono::nanoseconds duration) {
  LoadReport report;
  std::vector<std::chrono::nanoseconds> to_first, gaps, totals;
  for (const RequestOutcome& outcome : outcomes) {
    ++report.requests;
    if (outcome.status != 0) ++report.answered;
    if (!outcome.error.empty()) {
      AddFailure(outcome, report);
      continue;
    }
    if (outcome.pieces > 0) to_first.push_back(outcome.to_first);
    totals.push_back(outcome.total);
    gaps.insert(gaps.end(), outcome.gaps.begin(), outcome.gaps.end());
    AddUsage(outcome, report);
  }
  report.to_first = SpreadOf(std::move(to_first));
  report.gap = SpreadOf(std::move(gaps));
  report.total = SpreadOf(std::move(totals));
  report.seconds = std::chrono::duration<double>(duration).count();
  if (report.seconds > 0) {
    report.requests_per_second =
        static_cast<double>(report.requests - report.failed) / report.seconds;
    report.completion_tokens_per_second =
        static_cast<double>(report.tokens.completion_tokens) / report.seconds;
  }
  return report;
}

}  // namespace ledge
