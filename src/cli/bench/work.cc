#include "cli/bench/work.h"

#include <algorithm>

#include "base/checked.h"

namespace ledge {
namespace {

uint64_t Macs(const PanelMatrix& w) { return uint64_t{w.rows} * w.cols; }
uint64_t Bytes(const PanelMatrix& w) { return PanelCount(w.rows) * w.panel_bytes(); }

}  // namespace

ModelWork WorkOf(const ModelSpec& spec, uint64_t kv_bytes_per_token) {
  ModelWork work;
  work.kv_bytes_per_token = kv_bytes_per_token;
  work.output_macs = Macs(spec.output);
  work.weight_bytes = Bytes(spec.output);
  work.integer = !ReadsFloats(spec.output.type);
  for (const LayerSpec& layer : spec.layers) {
    const ExpertsSpec& experts = layer.experts;
    // A matrix that the layer has not got has no rows, so it counts for nothing.
    const auto add = [&](const PanelMatrix& w, uint64_t used, uint64_t of) {
      work.layer_macs += Macs(w) * used / of;
      work.weight_bytes += Bytes(w) * used / of;
      work.integer = work.integer && (w.rows == 0 || !ReadsFloats(w.type));
    };
    for (const PanelMatrix* w :
         {&layer.query, &layer.key, &layer.value, &layer.attention_output, &layer.ssm.in,
          &layer.ssm.out, &layer.gate, &layer.up, &layer.down, &experts.router})
      add(*w, 1, 1);
    for (const PanelMatrix* w : {&experts.gate, &experts.up, &experts.down})
      add(*w, experts.used, std::max(experts.count, 1u));
  }
  return work;
}

OfLimits OfLimitsAt(const ModelWork& work, const SpeedTest& test, double tokens_per_second,
                    uint32_t max_columns, const MachineLimits& limits) {
  const double tokens = test.measured;  // of one stream
  double macs;
  double bytes;
  double seconds;
  if (test.decode) {
    const double streams = test.streams;
    const double depth = test.prompt + tokens / 2;  // on average
    macs = streams * tokens * static_cast<double>(work.layer_macs + work.output_macs);
    bytes = tokens * (static_cast<double>(work.weight_bytes) +
                      streams * depth * static_cast<double>(work.kv_bytes_per_token));
    seconds = streams * tokens / tokens_per_second;
  } else {
    macs = tokens * static_cast<double>(work.layer_macs) + static_cast<double>(work.output_macs);
    const auto steps = static_cast<double>(CeilDiv(test.measured, std::max(max_columns, 1u)));
    bytes = steps * static_cast<double>(work.weight_bytes);
    seconds = tokens / tokens_per_second;
  }
  OfLimits of;
  if (work.integer && limits.macs_per_second > 0)
    of.compute = macs / seconds / limits.macs_per_second;
  if (limits.weight_bytes_per_second > 0)
    of.bandwidth = bytes / seconds / limits.weight_bytes_per_second;
  return of;
}

}  // namespace ledge
