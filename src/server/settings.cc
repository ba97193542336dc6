#include "server/settings.h"

namespace ledge {
namespace {

double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

Json Limits(const HttpLimits& limits) {
  return {{"max_body_bytes", limits.body_bytes},
          {"max_header_line_bytes", limits.head_line_bytes},
          {"max_headers", limits.headers},
          {"header_timeout_seconds", Seconds(limits.head_time)},
          {"body_idle_timeout_seconds", Seconds(limits.body_idle)},
          {"body_timeout_seconds", Seconds(limits.body_time)},
          {"write_timeout_seconds", Seconds(limits.write_stall)},
          {"idle_timeout_seconds", Seconds(limits.keep_alive)},
          {"max_connections", limits.connections},
          {"max_connections_per_address", limits.connections_per_address}};
}

// The template of all models, where the command line has one.
Json TemplateOf(const Setup& setup) {
  if (!setup.chat_template.empty()) return setup.chat_template;
  return setup.template_source.empty() ? Json() : Json("file");
}

}  // namespace

Json SettingsJson(const ServerOptions& options) {
  const ResidencyOptions& residency = options.residency;
  const Setup& setup = residency.setup;
  return {{"version", options.version},
          {"listen", options.listen},
          {"tls", !options.tls_cert.empty()},
          {"api_keys", !options.api_key_file.empty()},
          {"allow_origin", options.allowed_origins},
          {"memory_budget_bytes", residency.memory_budget},
          {"keep_alive_seconds", Seconds(residency.keep_alive)},
          {"max_batch", residency.sequences},
          {"queue", residency.queue},
          {"queue_tokens", setup.queue_tokens},
          {"batch_window_seconds", Seconds(setup.batch_window)},
          {"fixed_window", setup.fixed_window},
          {"max_stall_seconds", Seconds(setup.max_stall)},
          {"prefix_cache_percent", setup.prefix_percent},
          {"share_prefixes", setup.share_prefixes},
          {"threads", setup.threads},
          {"ctx", setup.context},
          {"kv_type", setup.kv_type},
          {"context_shift", setup.context_shift},
          {"keep", setup.keep},
          {"chat_template", TemplateOf(setup)},
          {"limits", Limits(options.limits)}};
}

}  // namespace ledge
