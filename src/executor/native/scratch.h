// A step's working memory, allocated once for the most columns a step may have.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/memory_budget.h"
#include "executor/native/fusions.h"
#include "kernels/activation.h"
#include "kernels/kv_page.h"
#include "model/model_spec.h"
#include "os/os.h"

namespace ledge {

// Columns up to which every thread normalises and quantises for itself: cheaper than handing the
// result from core to core.
inline constexpr uint32_t kPrivateColumns = 2;
// Query rows that one attention call takes at most, unless one column has more heads.
inline constexpr uint32_t kMaxBlockRows = 64;

struct ScratchShape {
  uint32_t columns = 0;
  int threads = 1;
  uint32_t positions = 0;  // the longest sequence
  Fusions fusions;
  bool share_prefixes = true;
  bool prefetch = true;
  bool huge_pages = true;

  // Of the model, the most of all layers. In values a column.
  uint32_t width = 0;
  uint32_t queries = 0, keys = 0, attended = 0;  // keys: of keys and of values; attended: or mixed
  uint32_t projected = 0, convolved = 0;         // of state space mixers
  uint32_t feed_forward = 0;
  uint32_t rope_dims = 0;    // the most of all ropes
  uint32_t rope_floats = 0;  // of all ropes
  bool branches = false;     // some block's output is more than added
  uint32_t experts = 0, used_experts = 0, expert_feed_forward = 0;
  uint32_t heads = 1;
  uint32_t group_heads = 1;   // query heads a KV head
  uint32_t value_dim = 0;     // padded
  bool float_inputs = false;  // some matrix reads floats

  static ScratchShape Of(const ModelSpec& spec);
  uint32_t widest() const;
  // Of a product: every expert that a column uses has a row.
  uint32_t input_rows() const { return columns * (used_experts > 1 ? used_experts : 1); }
  uint32_t block_columns() const;
  uint32_t block_rows() const;
  uint32_t spans() const;  // of the longest sequence
  // Floats of attention partials a thread may hold.
  uint64_t partial_floats() const;
  // Floats of those of all sequences, where some share pages; 0 without sharing.
  uint64_t shared_floats() const;
};

// What one thread has for itself.
struct ThreadScratch {
  float* tile_a = nullptr;  // kMaxTileRows x kMaxTileColumns
  float* tile_b = nullptr;
  float* normed = nullptr;       // kPrivateColumns columns, `width` wide
  ActGroup* groups = nullptr;    // kPrivateColumns columns, of the widest input
  float* partials = nullptr;     // partial_floats()
  float* partial_max = nullptr;  // a row and span
  float* partial_sum = nullptr;
  SpanPartial* merge = nullptr;  // one a span
};

// A step's choice of experts and what they compute; only where there are any. "Row": one column and
// one of its experts, rows of an expert side by side.
struct ExpertScratch {
  struct Active {
    uint32_t expert = 0;
    uint32_t begin = 0, end = 0;  // its rows
  };
  float* router = nullptr;        // columns x experts
  uint32_t* chosen = nullptr;     // columns x used
  float* weights = nullptr;       // columns x used
  uint32_t* row = nullptr;        // columns x used: its row
  uint32_t* column_of = nullptr;  // by row
  uint32_t* count = nullptr;      // by expert: rows
  Active* active = nullptr;       // those with rows, as many as *active_count
  uint32_t* active_count = nullptr;
  float* hidden = nullptr;  // rows x expert_feed_forward
  float* out = nullptr;     // rows x width
};

struct Scratch {
  // Creates nothing and returns the error (kOverBudget, kNoMemory) if there is not enough memory.
  static Result<Scratch> Create(Os& os, MemoryBudget& budget, const ScratchShape& shape);

  ScratchShape shape;
  uint64_t bytes = 0;

  float* x = nullptr;          // the residual stream: columns x width
  float* normed = nullptr;     // input_rows x width, with float_inputs or kHidden outputs
  ActGroup* groups = nullptr;  // input_rows of the widest input
  float* query = nullptr;
  float* key = nullptr;
  float* value = nullptr;
  float* attended = nullptr;
  float* projected = nullptr;  // columns x projected
  float* convolved = nullptr;  // columns x convolved
  float* hidden = nullptr;     // columns x feed_forward
  float* rope = nullptr;       // columns x rope_floats, one rope behind the other
  float* branch = nullptr;     // columns x width, with branches: a block's output
  float* zeros = nullptr;      // value_dim or convolved, never written
  ExpertScratch experts;
  float* plain_a = nullptr;  // for plain twins only: columns x feed_forward or width
  float* plain_b = nullptr;
  // Attention split by span: partials of all rows of a step.
  float* partials = nullptr;
  float* partial_max = nullptr;
  float* partial_sum = nullptr;
  uint64_t partial_floats = 0;
  uint64_t partial_entries = 0;
  std::vector<ThreadScratch> threads;

 private:
  Reservation reservation_;
  std::unique_ptr<Mapping> mapping_;
};

// The rows of a step's result; grows with the number wanted.
class OutputRows {
 public:
  OutputRows(Os& os, MemoryBudget& budget) : os_(os), budget_(budget) {}
  // Room for that many floats (null for none); kOverBudget or kNoMemory. What was there is
  // lost, but not the memory.
  Result<float*> Reserve(uint64_t floats);
  uint64_t bytes() const { return reservation_.bytes(); }

 private:
  Os& os_;
  MemoryBudget& budget_;
  Reservation reservation_;
  std::unique_ptr<Mapping> mapping_;
};

}  // namespace ledge
