#include "kernels/attention.h"

#include "kernels/isa/i8mm/simd.h"
#include "kernels/isa/isa_functions.h"
#include "kernels/kv_store.h"

namespace ledge::isa_i8mm {

void StoreKv(const KvHeadPage& page, uint32_t slot, const float* key, const float* value) {
  KvStore<Simd>::Store(page, slot, key, value);
}

void AttendSpan(const AttentionSpan& span) { Attention<Simd, 24>::AttendSpan(span); }

void MergeSpans(const SpanPartial* partials, uint32_t count, uint32_t head_dim, float* out) {
  Attention<Simd, 24>::MergeSpans(partials, count, head_dim, out);
}

}  // namespace ledge::isa_i8mm
