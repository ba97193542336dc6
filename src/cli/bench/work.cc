#include "cli/bench/work.h"

#include <algorithm>
#include <cmath>

#include "base/checked.h"

namespace ledge {
namespace {

uint64_t Macs(const PanelMatrix& w) { return uint64_t{w.rows} * w.cols; }
uint64_t Bytes(const PanelMatrix& w) { return PanelCount(w.rows) * w.panel_bytes(); }

// Of weights, in a step of so many columns.
double BytesRead(const ModelWork& work, double columns) {
  const double chosen = 1 - std::pow(1 - work.expert_share, columns);
  return static_cast<double>(work.weight_bytes) + chosen * static_cast<double>(work.expert_bytes);
}

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
    const auto add = [&](const PanelMatrix& w, uint64_t macs, uint64_t& bytes) {
      work.layer_macs += macs;
      bytes += Bytes(w);
      work.integer = work.integer && (w.rows == 0 || !ReadsFloats(w.type));
    };
    for (const PanelMatrix* w :
         {&layer.query, &layer.key, &layer.value, &layer.attention_output, &layer.ssm.in,
          &layer.ssm.out, &layer.gate, &layer.up, &layer.down})
      add(*w, Macs(*w), work.weight_bytes);
    if (experts.count == 0) continue;
    work.layer_macs += Macs(experts.router);
    work.weight_bytes += Bytes(experts.router);
    work.expert_share = static_cast<double>(experts.used) / experts.count;
    for (const PanelMatrix* w : {&experts.gate, &experts.up, &experts.down})
      add(*w, Macs(*w) * experts.used / experts.count, work.expert_bytes);
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
    bytes = tokens * (BytesRead(work, streams) +
                      streams * depth * static_cast<double>(work.kv_bytes_per_token));
    seconds = streams * tokens / tokens_per_second;
  } else {
    macs = tokens * static_cast<double>(work.layer_macs) + static_cast<double>(work.output_macs);
    const auto steps = static_cast<double>(CeilDiv(test.measured, std::max(max_columns, 1u)));
    bytes = steps * BytesRead(work, tokens / steps);
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
