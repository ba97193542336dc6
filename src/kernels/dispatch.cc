// The tables of kernels.h, and which of them this CPU runs. LEDGE_WITH_<name> is defined for each
// instruction set that is part of the build (cmake/kernels.cmake).
#include <array>
#include <cstdlib>

#include "kernels/isa/isa_functions.h"
#include "kernels/kernels.h"
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace ledge {
namespace {

#define LEDGE_KERNEL_TABLE(isa, table_name, is_fused)                                              \
  Kernels {                                                                                        \
    .name = table_name, .fused = is_fused, .matmul = isa::Matmul, .quantize = isa::Quantize,       \
    .rms_norm = isa::RmsNorm, .layer_norm = isa::LayerNorm, .rope = isa::Rope, .gate = isa::Gate,  \
    .activate = isa::Activate, .add = isa::Add, .add_scaled = isa::AddScaled, .scale = isa::Scale, \
    .soft_cap = isa::SoftCap, .softmax = isa::Softmax, .store_kv = isa::StoreKv,                   \
    .attend_span = isa::AttendSpan, .merge_spans = isa::MergeSpans, .convolve = isa::Convolve,     \
    .scan = isa::Scan, .peak_turns = isa::PeakTurns                                                \
  }

struct Candidate {
  Kernels table;
  bool (*runs)();
};

#if defined(__x86_64__)

// __builtin_cpu_supports asks cpuid and whether the system saves the registers (XCR0). Two sets
// that clang 14 has no name for are asked for here; both come on top of AVX2, which brings that
// check.
bool HasF16c() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c >> 29 & 1) != 0;
}
bool HasAvxVnni() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || a < 1) return false;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a >> 4 & 1) != 0;
}

bool Always() { return true; }
[[maybe_unused]] bool RunsSse41() {
  return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.1");
}
[[maybe_unused]] bool RunsAvx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && HasF16c();
}
[[maybe_unused]] bool RunsAvxVnni() { return RunsAvx2() && HasAvxVnni(); }
bool RunsAvx512() {
  return RunsAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
[[maybe_unused]] bool RunsAvx512Vnni() {
  return RunsAvx512() && __builtin_cpu_supports("avx512vnni");
}

constexpr Candidate kCandidates[] = {
    {LEDGE_KERNEL_TABLE(isa_scalar, "scalar", true), Always},
#ifdef LEDGE_WITH_unfused
    {LEDGE_KERNEL_TABLE(isa_unfused, "unfused", false), Always},
#endif
#ifdef LEDGE_WITH_sse41
    {LEDGE_KERNEL_TABLE(isa_sse41, "sse41", false), RunsSse41},
#endif
#ifdef LEDGE_WITH_avx2
    {LEDGE_KERNEL_TABLE(isa_avx2, "avx2", true), RunsAvx2},
#endif
#ifdef LEDGE_WITH_avxvnni
    {LEDGE_KERNEL_TABLE(isa_avxvnni, "avxvnni", true), RunsAvxVnni},
#endif
#ifdef LEDGE_WITH_avx512
    {LEDGE_KERNEL_TABLE(isa_avx512, "avx512", true), RunsAvx512},
#endif
#ifdef LEDGE_WITH_avx512vnni
    {LEDGE_KERNEL_TABLE(isa_avx512vnni, "avx512vnni", true), RunsAvx512Vnni},
#endif
};

#elif defined(__aarch64__)

// Bits of the kernel's auxiliary vector (arch/arm64/include/uapi/asm/hwcap.h), spelled out because
// older C libraries lack some of the names.
bool Always() { return true; }
[[maybe_unused]] bool RunsNeon() { return (getauxval(AT_HWCAP) >> 1 & 1) != 0; }  // HWCAP_ASIMD
[[maybe_unused]] bool RunsDotprod() {
  return RunsNeon() && (getauxval(AT_HWCAP) >> 20 & 1) != 0;
}  // HWCAP_ASIMDDP
[[maybe_unused]] bool RunsI8mm() {
  return RunsDotprod() && (getauxval(AT_HWCAP2) >> 13 & 1) != 0;
}  // HWCAP2_I8MM

constexpr Candidate kCandidates[] = {
    {LEDGE_KERNEL_TABLE(isa_scalar, "scalar", true), Always},
#ifdef LEDGE_WITH_neon
    {LEDGE_KERNEL_TABLE(isa_neon, "neon", true), RunsNeon},
#endif
#ifdef LEDGE_WITH_dotprod
    {LEDGE_KERNEL_TABLE(isa_dotprod, "dotprod", true), RunsDotprod},
#endif
#ifdef LEDGE_WITH_i8mm
    {LEDGE_KERNEL_TABLE(isa_i8mm, "i8mm", true), RunsI8mm},
#endif
};

#else

bool Always() { return true; }
constexpr Candidate kCandidates[] = {
    {LEDGE_KERNEL_TABLE(isa_scalar, "scalar", true), Always},
};

#endif

// Slowest first, as the candidates.
struct Runnable {
  std::array<const Kernels*, std::size(kCandidates)> tables{};
  size_t count = 0;

  Runnable() {
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    for (const Candidate& candidate : kCandidates) {
      if (candidate.runs()) tables[count++] = &candidate.table;
    }
  }
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

const Kernels& ReferenceOf(const Kernels& kernels) {
  for (const Kernels* table : RunnableKernels()) {
    if (table->fused == kernels.fused) return *table;
  }
  return kernels;  // not reached: each candidate without fusion comes after "unfused"
}

const Kernels& BestKernels() {
  static const Kernels& best = ChooseBest();
  return best;
}

}  // namespace ledge
