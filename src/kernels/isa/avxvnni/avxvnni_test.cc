// AVX-VNNI's dot products where there is no AVX-VNNI: see evex_test.cc. A machine that has it runs
// all of the kernels' tests on it anyway.
#if defined(__x86_64__)
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/kernels.h"
#include "kernels/random_weights.h"
#include "testing/float_bits.h"

namespace ledge::isa_avxvnni_evex {
void Matmul(const MatmulTask& task);
}

namespace ledge {
namespace {

bool HasAvx512Vnni() {
  const auto tables = RunnableKernels();
  return std::any_of(tables.begin(), tables.end(),
                     [](const Kernels* kernels) { return kernels->name == "avx512vnni"; });
}

TEST(AvxVnni, GivesTheScalarBits) {
  if (!HasAvx512Vnni()) GTEST_SKIP() << "this CPU does not run AVX-512 VNNI";
  const Kernels& scalar = *RunnableKernels().front();
  constexpr uint32_t kColumns = 9;
  for (const TensorType type : kPanelTypes) {
    for (const uint32_t cols : {256u, 1536u}) {
      const Weights w = RandomWeights(type, 75, cols, cols);
      const std::vector<float> x = testing::RandomFloats(size_t{kColumns} * cols, cols);
      AlignedArray<ActGroup> groups(size_t{kColumns} * ActGroups(cols));
      for (uint32_t m = 0; m < kColumns; ++m)
        scalar.quantize(&x[size_t{m} * cols], cols, &groups[size_t{m} * ActGroups(cols)]);
      const Activations activations{x.data(), cols, groups.data()};
      for (uint32_t count = 1; count <= kColumns; ++count) {
        std::vector<float> expected(size_t{count} * w.rows), got(expected.size());
        MatmulTask task{w.matrix(),      0,     PanelCount(w.rows), activations, count,
                        expected.data(), w.rows};
        scalar.matmul(task);
        task.y = got.data();
        isa_avxvnni_evex::Matmul(task);
        ASSERT_TRUE(testing::SameBits(got, expected)) << Info(type).name << " " << count;
      }
    }
  }
}

}  // namespace
}  // namespace ledge
#endif
