#include "executor/native/ssm_block.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/checked.h"
#include "executor/native/inputs.h"
#include "executor/native/products.h"

namespace ledge {
namespace {

// Channels that one ticket convolves.
constexpr uint32_t kPartChannels = 1024;

class Mixer {
 public:
  Mixer(const StepContext& step, Worker& worker, const LayerSpec& layer)
      : step_(step),
        worker_(worker),
        layer_(layer),
        spec_(layer.ssm),
        columns_(step.plan.columns()) {}

  void Run(std::span<const uint32_t> queries) {
    Project();
    Convolve();
    Scan();
    Normalise(queries);
  }

 private:
  using Sequence = StepPlan::PlannedSequence;

  // A column's projection: gate, what is convolved, step sizes.
  float* Projected(uint32_t column) const {
    return step_.scratch.projected + uint64_t{column} * step_.scratch.shape.projected;
  }
  float* Convolved(uint32_t column) const {
    return step_.scratch.convolved + uint64_t{column} * step_.scratch.shape.convolved;
  }

  void Project() {
    const uint32_t width = step_.spec.width;
    ProductInput x = ProductInput::Normed(step_, worker_, {step_.scratch.x, width, width, columns_},
                                          layer_.attention_norm, FormsFor({&spec_.in}));
    const Product product{&spec_.in, step_.scratch.projected, step_.scratch.shape.projected};
    Multiply(step_, worker_, {&product, 1}, x);
  }

  // What the convolution sees at the `offset`th column of the sequence in this step; before the
  // first, of its state.
  const float* Seen(const Sequence& sequence, int64_t offset) const {
    if (offset >= 0)
      return Projected(sequence.first_column + static_cast<uint32_t>(offset)) + spec_.inner();
    const float* state = sequence.state->recurrent().current();
    if (state == nullptr) return step_.scratch.zeros;
    const int64_t row = offset + spec_.taps - 1;
    return state + spec_.state_at + static_cast<uint64_t>(row) * spec_.convolved();
  }

  void ConvolvePart(uint32_t column, uint32_t begin) const {
    const Sequence& sequence = step_.plan.sequences()[step_.plan.owners()[column]];
    const int64_t first = int64_t{column} - sequence.first_column - (spec_.taps - 1);
    std::array<const float*, kMaxConvolutionTaps> taps;
    for (uint32_t t = 0; t < spec_.taps; ++t) taps[t] = Seen(sequence, first + t) + begin;
    const float* bias = spec_.convolution_bias.data;
    step_.kernels.convolve({taps.data(), spec_.taps, spec_.convolution.data + begin,
                            spec_.convolved(), bias == nullptr ? nullptr : bias + begin,
                            std::min(kPartChannels, spec_.convolved() - begin),
                            Convolved(column) + begin});
    if (begin != 0) return;
    float* steps = Projected(column) + spec_.inner() + spec_.convolved();
    step_.kernels.add(spec_.step_bias.data, spec_.heads, steps);
    step_.kernels.activate(Nonlinearity::kSoftplus, spec_.heads, steps);
  }

  // The columns that the convolution will still see, into the states to be left.
  void KeepSeen(const Sequence& sequence) const {
    const uint32_t length = sequence.state->length();
    for (const RecurrentState::Target& target : sequence.state->recurrent().targets()) {
      float* to = target.block + spec_.state_at;
      const int64_t first = int64_t{target.length} - length - (spec_.taps - 1);
      for (uint32_t row = 0; row + 1 < spec_.taps; ++row, to += spec_.convolved())
        std::memcpy(to, Seen(sequence, first + row), spec_.convolved() * sizeof(float));
    }
  }

  void Convolve() {
    const auto parts = static_cast<uint32_t>(CeilDiv(spec_.convolved(), kPartChannels));
    const uint32_t convolutions = columns_ * parts;
    const uint32_t items = convolutions + static_cast<uint32_t>(step_.plan.sequences().size());
    WorkRange range;
    while (worker_.Take(items, FairChunk(items, worker_.threads()), range)) {
      for (uint32_t item = range.begin; item < range.end; ++item) {
        if (item < convolutions) {
          ConvolvePart(item / parts, item % parts * kPartChannels);
        } else {
          KeepSeen(step_.plan.sequences()[item - convolutions]);
        }
      }
    }
    worker_.EndPhase(items);
  }

  void ScanHead(const Sequence& sequence, uint32_t head) const {
    const uint64_t place = spec_.state_at + spec_.convolution_floats() +
                           head * SsmHeadFloats(spec_.head_dim, spec_.state);
    const uint32_t group = head / (spec_.heads / spec_.groups);
    const float* state = sequence.state->recurrent().current();
    uint32_t column = sequence.first_column;
    uint32_t length = sequence.state->length();
    ScanTask task;
    task.channels = spec_.head_dim;
    task.state = spec_.state;
    task.stride = step_.scratch.shape.convolved;
    task.gate_stride = step_.scratch.shape.projected;
    task.a = spec_.a.data[head];
    task.d = spec_.d.data[head];
    task.from = state == nullptr ? nullptr : state + place;
    for (const RecurrentState::Target& target : sequence.state->recurrent().targets()) {
      task.columns = target.length - length;
      task.x = Convolved(column) + head * spec_.head_dim;
      task.b = Convolved(column) + spec_.inner() + group * spec_.state;
      task.c = task.b + spec_.groups * spec_.state;
      task.gate = Projected(column) + head * spec_.head_dim;
      task.dt = Projected(column) + spec_.inner() + spec_.convolved() + head;
      task.to = target.block + place;
      step_.kernels.scan(task);
      task.from = task.to;
      column += task.columns;
      length = target.length;
    }
  }

  void Scan() {
    const uint32_t items = static_cast<uint32_t>(step_.plan.sequences().size()) * spec_.heads;
    WorkRange range;
    while (worker_.Take(items, 1, range))
      ScanHead(step_.plan.sequences()[range.begin / spec_.heads], range.begin % spec_.heads);
    worker_.EndPhase(items);
  }

  // The scan's result stands where the gate was.
  void Normalise(std::span<const uint32_t> queries) {
    const auto count = static_cast<uint32_t>(queries.size());
    const uint32_t items = count + (count < columns_ ? 1 : 0);
    const uint32_t size = spec_.inner() / spec_.groups;
    WorkRange range;
    while (worker_.Take(items, FairChunk(items, worker_.threads()), range)) {
      for (uint32_t item = range.begin; item < range.end; ++item) {
        if (item == count) {
          GatherWanted(step_);
          continue;
        }
        float* out = step_.scratch.attended + uint64_t{item} * step_.scratch.shape.attended;
        const float* mixed = Projected(queries[item]);
        for (uint32_t at = 0; at < spec_.inner(); at += size) {
          step_.kernels.rms_norm(mixed + at, spec_.norm.data + at, size, step_.spec.norm_epsilon,
                                 out + at);
        }
      }
    }
    worker_.EndPhase(items);
  }

  const StepContext& step_;
  Worker& worker_;
  const LayerSpec& layer_;
  const SsmSpec& spec_;
  uint32_t columns_;
};

}  // namespace

void MixLayer(const StepContext& step, Worker& worker, const LayerSpec& layer,
              std::span<const uint32_t> queries) {
  Mixer(step, worker, layer).Run(queries);
}

}  // namespace ledge
