// The tables of kernels.h, and which of them this CPU runs.
#include <array>
#include <cstdlib>

#include "kernels/isa/isa_functions.h"
#include "kernels/kernels.h"

namespace ledge {
namespace {

#define LEDGE_KERNEL_TABLE(isa, table_name)                                                  \
  Kernels {                                                                                  \
    .name = table_name, .matmul = isa::Matmul, .quantize = isa::Quantize,                    \
    .rms_norm = isa::RmsNorm, .rope = isa::Rope, .silu_mul = isa::SiluMul, .add = isa::Add,  \
    .store_kv = isa::StoreKv, .attend_span = isa::AttendSpan, .merge_spans = isa::MergeSpans \
  }

constexpr Kernels kScalar = LEDGE_KERNEL_TABLE(isa_scalar, "scalar");

// Slowest first. __builtin_cpu_supports asks cpuid and whether the system saves the registers
// (XCR0).
struct Runnable {
  std::array<const Kernels*, 3> tables{&kScalar};
  size_t count = 1;

  Runnable() {
#if defined(__x86_64__)
    static constexpr Kernels kAvx2 = LEDGE_KERNEL_TABLE(isa_avx2, "avx2");
    static constexpr Kernels kAvx512Vnni = LEDGE_KERNEL_TABLE(isa_avx512vnni, "avx512vnni");
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && HasF16c();
    if (avx2) tables[count++] = &kAvx2;
    if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vnni")) {
      tables[count++] = &kAvx512Vnni;
    }
#endif
  }

#if defined(__x86_64__)
  // g++ knows the name "f16c", clang 14 does not: cpuid leaf 1, ecx bit 29.
  static bool HasF16c() {
    uint32_t eax = 1, ebx = 0, ecx = 0, edx = 0;
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return (ecx >> 29 & 1) != 0;
  }
#endif
};

const Runnable& Tables() {
  static const Runnable runnable;
  return runnable;
}

const Kernels& ChooseBest() {
  const auto tables = RunnableKernels();
  const char* wanted = std::getenv("LEDGE_ISA");
  if (wanted != nullptr) {
    for (const Kernels* table : tables) {
      if (table->name == wanted) return *table;
    }
  }
  return *tables.back();
}

}  // namespace

std::span<const Kernels* const> RunnableKernels() {
  return {Tables().tables.data(), Tables().count};
}

const Kernels& BestKernels() {
  static const Kernels& best = ChooseBest();
  return best;
}

}  // namespace ledge
