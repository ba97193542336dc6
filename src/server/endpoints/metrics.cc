// GET /metrics: Prometheus' text format.
#include "server/metrics.h"

#include <fmt/format.h>

#include "os/child.h"
#include "server/front.h"

namespace ledge {
namespace {

void One(std::string& out, std::string_view name, std::string_view type, std::string_view help,
         uint64_t value) {
  AppendMetric(out, name, type, help);
  out += fmt::format("{} {}\n", name, value);
}

void Seconds(std::string& out, std::string_view name, std::string_view help,
             std::chrono::nanoseconds value) {
  AppendMetric(out, name, "counter", help);
  out += fmt::format("{} {}\n", name, std::chrono::duration<double>(value).count());
}

void AppendMemory(Front& front, std::string& out) {
  AppendMetric(out, "ledge_model_memory_bytes", "gauge", "Memory of models, by kind.");
  for (const ModelStatus& status : front.residency().Models()) {
    const std::string model = Label("model", status.name);
    const Described& d = status.description;
    const std::pair<std::string_view, uint64_t> kinds[] = {
        {"weights", d.weights_bytes}, {"kv", status.kv_used}, {"scratch", d.scratch_bytes}};
    for (const auto& [kind, bytes] : kinds)
      out += fmt::format("ledge_model_memory_bytes{{{},kind=\"{}\"}} {}\n", model, kind, bytes);
  }
  AppendMetric(out, "ledge_model_pss_bytes", "gauge",
               "What a model's process holds, shared memory in part.");
  for (const ModelStatus& status : front.residency().Models()) {
    const ProportionalMemory memory = ProportionalMemoryOf(status.pid);
    out += fmt::format("ledge_model_pss_bytes{{{}}} {}\n", Label("model", status.name),
                       memory.anonymous + memory.file);
  }
  One(out, "ledge_memory_budget_bytes", "gauge", "The memory budget of all models.",
      front.residency().memory_budget());
}

void AppendTokens(Front& front, std::string& out) {
  const ResidencyTotals totals = front.residency().totals();
  AppendMetric(out, "ledge_prompt_tokens_total", "counter", "Tokens of prompts.");
  out +=
      fmt::format("ledge_prompt_tokens_total{{source=\"computed\"}} {}\n", totals.prompt_computed);
  out += fmt::format("ledge_prompt_tokens_total{{source=\"cached\"}} {}\n", totals.prompt_cached);
  AppendMetric(out, "ledge_completion_tokens_total", "counter", "Tokens of answers.");
  out += fmt::format("ledge_completion_tokens_total{{source=\"computed\"}} {}\n",
                     totals.completion - totals.forced);
  out += fmt::format("ledge_completion_tokens_total{{source=\"forced\"}} {}\n", totals.forced);
  One(out, "ledge_steps_total", "counter", "Steps of the engine.", totals.steps);
  One(out, "ledge_step_columns_total", "counter",
      "Tokens computed in these steps: its rate over theirs is the batch's width.",
      totals.step_columns);
  Seconds(out, "ledge_step_seconds_total", "Computing these steps.", totals.in_steps);
  Seconds(out, "ledge_form_seconds_total",
          "Keeping answers to schemas and grammars, beside computing them.", totals.in_forms);
  One(out, "ledge_worker_deaths_total", "counter", "Models' processes that ended by themselves.",
      totals.worker_deaths);
}

void AnswerMetrics(Front& front, const HttpRequest&, std::shared_ptr<Responder> responder) {
  std::string out;
  const Residency& residency = front.residency();
  One(out, "ledge_requests_active", "gauge", "Requests being answered.", residency.active());
  One(out, "ledge_requests_queued", "gauge", "Requests that wait.", residency.waiting());
  One(out, "ledge_prompt_tokens_queued", "gauge", "Tokens of prompts that are yet to be computed.",
      residency.waiting_tokens());
  AppendMetric(out, "ledge_requests_total", "counter", "Requests by path and status.");
  for (const auto& [key, count] : front.metrics().requests) {
    out += fmt::format("ledge_requests_total{{{},status=\"{}\"}} {}\n", Label("path", key.first),
                       key.second, count);
  }
  AppendTokens(front, out);
  front.metrics().to_first_token.AppendTo(out, "ledge_time_to_first_token_seconds",
                                          "From a request's arrival to its first text.");
  front.metrics().between_tokens.AppendTo(out, "ledge_time_between_tokens_seconds",
                                          "Between pieces of one answer.");
  front.metrics().request_time.AppendTo(out, "ledge_request_seconds", "Of whole requests.");
  AppendMemory(front, out);
  responder->Send({.status = 200,
                   .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
                   .body = std::move(out)});
}

}  // namespace

extern const EndpointEntry kEndpoint_metrics;
const EndpointEntry kEndpoint_metrics = {"GET", "/metrics", false, AnswerMetrics};

}  // namespace ledge
