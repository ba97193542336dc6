// Every function of every table on arrays behind which memory ends. Sanitizers see the scalar
// reference alone (cmake/kernels.cmake); this sees all code, as it is optimised.
#include <gtest/gtest.h>

#include <vector>

#include "kernels/kernels.h"
#include "kernels/random_weights.h"
#include "testing/float_bits.h"
#include "testing/guarded_array.h"

namespace ledge {
namespace {

using ::ledge::testing::GuardedArray;
using ::ledge::testing::RandomFloats;
using ::ledge::testing::SameBits;
using Floats = GuardedArray<float>;

class Bounds : public ::testing::Test {
 protected:
  static Floats Random(uint32_t count, uint32_t seed) { return Floats(RandomFloats(count, seed)); }
};

TEST_F(Bounds, ElementwiseFunctionsStayInsideTheirArrays) {
  for (const Kernels* kernels : RunnableKernels()) {
    for (uint32_t count = 1; count <= 70; ++count) {
      const Floats x = Random(count, 1), y = Random(count, 2);
      Floats out(count);
      kernels->rms_norm(x.data(), y.data(), count, 1e-5F, out.data());
      kernels->gate(Nonlinearity::kSilu, x.data(), y.data(), count, out.data());
      kernels->gate(Nonlinearity::kSwigluClamped, x.data(), y.data(), count, out.data());
      kernels->layer_norm(x.data(), y.data(), x.data(), count, 1e-5F, out.data());
      kernels->activate(Nonlinearity::kGelu, count, out.data());
      kernels->scale(0.5F, count, out.data());
      kernels->soft_cap(2.0F, count, out.data());
      kernels->softmax(count, out.data());
      kernels->add(y.data(), count, out.data());
      kernels->add_scaled(0.5F, y.data(), count, out.data());
      if (count % 2 == 0) {
        const Floats angles = Random(count, 3);
        for (const bool paired : {true, false}) {
          Floats head = Random(count, 4);
          kernels->rope(head.data(), count, angles.data(), paired);
        }
      }
    }
  }
}

TEST_F(Bounds, QuantizeReadsItsValuesAlone) {
  for (const Kernels* kernels : RunnableKernels()) {
    for (const uint32_t count : {1u, 31u, 33u, 64u, 100u, 255u, 256u, 257u, 576u}) {
      const Floats x = Random(count, 5);
      GuardedArray<ActGroup> groups(ActGroups(count));
      kernels->quantize(x.data(), count, groups.data());
      EXPECT_GT(groups.data()->scale[0], 0) << kernels->name << " " << count;
    }
  }
}

class MatmulBounds : public ::testing::TestWithParam<TensorType> {};

TEST_P(MatmulBounds, ProductsStayInsideTheirArrays) {
  const uint32_t block = FindPanelLayout(GetParam())->block_values;
  for (const uint32_t cols : {block, 3 * block, 576 / block * block, 2304 / block * block}) {
    if (cols == 0) continue;
    for (const uint32_t rows : {1u, 16u, 37u}) {
      const Weights w = RandomWeights(GetParam(), rows, cols, rows);
      const GuardedArray<std::byte, 64> panels(
          std::span<const std::byte>(w.panels.data(), w.panels.size()));
      for (const uint32_t columns : {1u, 2u, 3u, 5u, 7u, 9u, 29u}) {
        if (columns > 9 && cols > 576) continue;  // would take long
        const Floats x(RandomFloats(columns * cols, 6));
        GuardedArray<ActGroup> groups(size_t{columns} * ActGroups(cols));
        for (const Kernels* kernels : RunnableKernels()) {
          for (uint32_t m = 0; m < columns; ++m) {
            kernels->quantize(x.data() + size_t{m} * cols, cols,
                              groups.data() + size_t{m} * ActGroups(cols));
          }
          Floats y(size_t{columns} * rows);
          kernels->matmul({{GetParam(), rows, cols, panels.data()},
                           0,
                           PanelCount(rows),
                           {x.data(), cols, groups.data()},
                           columns,
                           y.data(),
                           rows});
          std::vector<float> again(size_t{columns} * rows);
          kernels->matmul({w.matrix(),
                           0,
                           PanelCount(rows),
                           {x.data(), cols, groups.data()},
                           columns,
                           again.data(),
                           rows});
          ASSERT_TRUE(SameBits(y.values(), again)) << kernels->name;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, MatmulBounds, ::testing::ValuesIn(kPanelTypes),
                         [](const auto& test) { return std::string(Info(test.param).name); });

TEST_F(Bounds, AttentionStaysInsideItsPages) {
  for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8}) {
    for (const auto& [key_dim, value_dim] :
         {std::pair{1u, 1u}, std::pair{7u, 20u}, std::pair{64u, 64u}, std::pair{80u, 72u}}) {
      for (const Kernels* kernels : RunnableKernels()) {
        SCOPED_TRACE(kernels->name);
        GuardedArray<std::byte, 64> page(KvHeadPageBytes(type, key_dim, value_dim));
        const std::byte* pages[] = {page.data()};
        for (uint32_t token = 0; token < kPageTokens; ++token) {
          const Floats key = Random(key_dim, token), value = Random(value_dim, token + 50);
          kernels->store_kv({type, key_dim, value_dim, page.data()}, token, key.data(),
                            value.data());
        }
        for (const uint32_t columns : {1u, 2u, 6u, 7u}) {
          const Floats all = Random(columns * key_dim, 8);
          Floats out(size_t{columns} * value_dim), max(columns), sum(columns);
          std::vector<const float*> queries;
          std::vector<float*> outs;
          GuardedArray<uint32_t> positions(columns);
          for (uint32_t m = 0; m < columns; ++m) {
            queries.push_back(all.data() + size_t{m} * key_dim);
            outs.push_back(out.data() + size_t{m} * value_dim);
            positions.data()[m] = kPageTokens - columns + m;
          }
          kernels->attend_span({type, key_dim, value_dim, 0, 1, pages, columns, queries.data(),
                                positions.data(), nullptr, 0.1F, 0, max.data(), sum.data(),
                                outs.data()});
          EXPECT_GE(sum.data()[columns - 1], 1.0F);
          const SpanPartial partial{max.data()[0], sum.data()[0], outs[0]};
          Floats merged(value_dim);
          kernels->merge_spans(&partial, 1, value_dim, merged.data());
        }
      }
    }
  }
}

}  // namespace
}  // namespace ledge
