#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "kernels/kernels.h"
#include "kernels/random_weights.h"

namespace ledge {
namespace {

constexpr float kUntouched = 12345.0f;

class Matmul : public testing::TestWithParam<TensorType> {};

INSTANTIATE_TEST_SUITE_P(Types, Matmul, testing::ValuesIn(kPanelTypes),
                         [](const auto& test) { return std::string(Info(test.param).name); });

// Columns of activations in both forms. Each instruction set has its own groups, which differ in
// their seeds alone.
struct Columns {
  uint32_t count, values;
  std::vector<float> x;
  std::map<const Kernels*, AlignedArray<ActGroup>> groups;

  Columns(uint32_t columns, uint32_t k, uint32_t seed)
      : count(columns), values(k), x(size_t{columns} * k) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    for (float& value : x) value = normal(random);
    Quantize();
  }
  void Quantize() {
    for (const Kernels* kernels : RunnableKernels()) {
      AlignedArray<ActGroup>& all =
          groups.try_emplace(kernels, size_t{count} * ActGroups(values)).first->second;
      for (uint32_t m = 0; m < count; ++m) {
        kernels->quantize(x.data() + size_t{m} * values, values,
                          &all[size_t{m} * ActGroups(values)]);
      }
    }
  }
  // The columns from `first` on.
  Activations From(const Kernels& kernels, uint32_t first) const {
    return {x.data() + size_t{first} * values, values,
            groups.at(&kernels).data() + size_t{first} * ActGroups(values)};
  }
  const ActGroup& Group(uint32_t m, uint32_t k) const {
    return groups.at(RunnableKernels()[0])[size_t{m} * ActGroups(values) + k / 256];
  }
  double Quantised(uint32_t m, uint32_t k) const {
    const ActGroup& group = Group(m, k);
    return double{group.scale[k % 256 / 64]} * group.q[k % 256];
  }
};

// The result of the scalar reference of each of the two classes (kernels.h), computed once.
template <typename F>
class ByReference {
 public:
  explicit ByReference(F compute) : compute_(compute) {}
  const std::vector<float>& For(const Kernels& kernels) {
    std::vector<float>& result = results_[kernels.fused ? 1 : 0];
    if (result.empty()) result = compute_(ReferenceOf(kernels));
    return result;
  }

 private:
  F compute_;
  std::vector<float> results_[2];
};

std::vector<float> Product(const Kernels& kernels, const Weights& w, const Columns& columns) {
  std::vector<float> y(size_t{columns.count} * w.rows, kUntouched);
  kernels.matmul({w.matrix(), 0, PanelCount(w.rows), columns.From(kernels, 0), columns.count,
                  y.data(), w.rows});
  return y;
}

bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i]))
      continue;  // which NaN depends on the order of operands
    if (std::memcmp(&a[i], &b[i], sizeof(float)) != 0) return false;
  }
  return true;
}

std::vector<uint32_t> WidthsOf(TensorType type) {
  std::vector<uint32_t> widths;
  for (const uint32_t width : {1u, 7u, 32u, 96u, 256u, 288u, 576u, 2304u}) {
    if (width % FindPanelLayout(type)->block_values == 0) widths.push_back(width);
  }
  return widths;
}

TEST_P(Matmul, EveryInstructionSetGivesItsReferencesBits) {
  for (const uint32_t cols : WidthsOf(GetParam())) {
    for (const uint32_t rows : {1u, 8u, 17u, 40u, 75u}) {
      const Weights w = RandomWeights(GetParam(), rows, cols, rows + cols);
      const Columns all(17, cols, cols);
      ByReference expected([&](const Kernels& reference) { return Product(reference, w, all); });
      for (const Kernels* kernels : RunnableKernels()) {
        ASSERT_TRUE(SameBits(Product(*kernels, w, all), expected.For(*kernels)))
            << kernels->name << " " << rows << "x" << cols;
      }
    }
  }
}

// So many that instruction sets unpack weights once for all columns.
TEST_P(Matmul, EveryInstructionSetGivesItsReferencesBitsWithManyColumns) {
  for (const uint32_t cols : WidthsOf(GetParam())) {
    const Weights w = RandomWeights(GetParam(), 37, cols, cols);
    const Columns all(31, cols, cols);
    ByReference expected([&](const Kernels& reference) { return Product(reference, w, all); });
    for (const Kernels* kernels : RunnableKernels()) {
      ASSERT_TRUE(SameBits(Product(*kernels, w, all), expected.For(*kernels)))
          << kernels->name << ", width " << cols;
    }
  }
}

TEST_P(Matmul, AColumnDoesNotDependOnItsCompany) {
  for (const uint32_t cols : {256u, 768u}) {
    const Weights w = RandomWeights(GetParam(), 50, cols, cols);
    const Columns all(40, cols, 5);
    for (const Kernels* kernels : RunnableKernels()) {
      const std::vector<float> expected = Product(*kernels, w, all);
      for (uint32_t count = 1; count <= 33; count += count == 19 ? 10 : 1) {
        const uint32_t first = 40 - count;
        std::vector<float> y(size_t{count} * w.rows, kUntouched);
        kernels->matmul({w.matrix(), 0, PanelCount(w.rows), all.From(*kernels, first), count,
                         y.data(), w.rows});
        const std::vector<float> part(expected.begin() + first * w.rows, expected.end());
        ASSERT_TRUE(SameBits(y, part)) << kernels->name << ", " << count << " columns";
      }
    }
  }
}

TEST_P(Matmul, PanelsMayBeSplitAnywhereAndOnlyTheirRowsAreWritten) {
  const uint32_t cols = 512, rows = 107, stride = rows + 9;
  const Weights w = RandomWeights(GetParam(), rows, cols, 1);
  for (const uint32_t columns : {1u, 3u, 7u, 16u, 30u}) {
    const Columns x(columns, cols, 2);
    for (const Kernels* kernels : RunnableKernels()) {
      const std::vector<float> whole = Product(*kernels, w, x);
      std::vector<float> y(size_t{columns} * stride, kUntouched);
      const uint32_t cuts[] = {0, 1, 3, 3, 6, 7};
      for (size_t i = 0; i + 1 < std::size(cuts); ++i) {
        kernels->matmul(
            {w.matrix(), cuts[i], cuts[i + 1], x.From(*kernels, 0), columns, y.data(), stride});
        for (uint32_t m = 0; m < columns; ++m) {
          for (uint32_t r = 0; r < stride; ++r) {
            const bool done = r < rows && r < cuts[i + 1] * 16;
            ASSERT_EQ(y[size_t{m} * stride + r], done ? whole[size_t{m} * rows + r] : kUntouched)
                << kernels->name << " column " << m << " row " << r;
          }
        }
      }
    }
  }
}

TEST_P(Matmul, ManyColumnsGoThroughManySegments) {
  const uint32_t cols = 4096;
  const Weights w = RandomWeights(GetParam(), 16 * 9 + 3, cols, 11);
  const Columns x(29, cols, 12);
  for (const Kernels* kernels : RunnableKernels()) {
    if (kernels == &ReferenceOf(*kernels)) continue;  // they would take long
    const std::vector<float> all = Product(*kernels, w, x);
    for (uint32_t m = 0; m < x.count; ++m) {
      std::vector<float> y(w.rows, kUntouched);
      kernels->matmul(
          {w.matrix(), 0, PanelCount(w.rows), x.From(*kernels, m), 1, y.data(), w.rows});
      ASSERT_TRUE(SameBits(y, {all.begin() + m * w.rows, all.begin() + (m + 1) * w.rows}))
          << kernels->name;
    }
  }
}

// Two bounds. Against the products of the decoded weights with the *quantised* activations only
// float rounding remains: of the scales' products, and of the sums, which for types with minima or
// zero points pass through magnitudes of a weight's whole range, so the bound is taken relative to
// the largest weight. Against the activations as they were, each may be off by half a step of its
// scale, peak / 127.
void ExpectProducts(TensorType type, const Kernels& kernels) {
  for (const uint32_t cols : WidthsOf(type)) {
    const Weights w = RandomWeights(type, 37, cols, cols + 1);
    const Columns x(5, cols, cols + 2);
    const bool exact = ReadsFloats(type);
    const int roundings = kernels.fused ? 1 : 2;  // of a product that is added
    const std::vector<float> y = Product(kernels, w, x);
    std::vector<float> row(cols);
    double largest = 0;
    for (uint32_t r = 0; r < w.rows; ++r) {
      DecodeRow(w.type, w.source.data() + r * w.row_bytes(), cols, row.data());
      for (const float value : row) largest = std::max(largest, std::fabs(double{value}));
    }
    for (uint32_t r = 0; r < w.rows; ++r) {
      DecodeRow(w.type, w.source.data() + r * w.row_bytes(), cols, row.data());
      for (uint32_t m = 0; m < x.count; ++m) {
        double quantised = 0, plain = 0, rounding = 0, step = 0;
        for (uint32_t k = 0; k < cols; ++k) {
          const double value = double{x.x[size_t{m} * cols + k]};
          const double used = exact ? value : x.Quantised(m, k);
          quantised += double{row[k]} * used;
          plain += double{row[k]} * value;
          rounding += largest * std::fabs(used);
          const ActGroup& group = x.Group(m, k);
          step += exact ? 0.0 : std::fabs(double{row[k]}) * double{group.scale[k % 256 / 64]};
        }
        const double got = double{y[size_t{m} * w.rows + r]};
        const double float_error = rounding * (exact ? cols : 8) * roundings * 0x1p-24 + 1e-30;
        ASSERT_NEAR(got, quantised, float_error) << cols << " columns, row " << r;
        ASSERT_NEAR(got, plain, float_error + 0.5001 * step) << cols << " columns, row " << r;
      }
    }
  }
}

TEST_P(Matmul, IsTheProductOfTheDecodedWeights) {
  for (const Kernels* kernels : RunnableKernels()) {
    SCOPED_TRACE(kernels->name);
    ExpectProducts(GetParam(), *kernels);
  }
}

// Bytes and activations chosen to reach every bound that the integer sums' comments claim.
class IntegerMatmul : public Matmul {};

INSTANTIATE_TEST_SUITE_P(Types, IntegerMatmul,
                         testing::Values(TensorType::kQ4_0, TensorType::kQ4_1, TensorType::kQ8_0,
                                         TensorType::kQ4_K, TensorType::kQ6_K, TensorType::kQ5_K,
                                         TensorType::kIQ4_NL, TensorType::kIQ4_XS,
                                         TensorType::kIQ3_S, TensorType::kMXFP4),
                         [](const auto& test) { return std::string(Info(test.param).name); });

TEST_P(IntegerMatmul, ExtremeWeightsDoNotOverflow) {
  const PanelLayout& layout = *FindPanelLayout(GetParam());
  const uint32_t cols = 512;
  for (const int byte : {0x00, 0x0F, 0x7F, 0x80, 0xF0, 0xFF}) {
    Weights w = RandomWeights(GetParam(), 19, cols, 1);
    std::memset(w.source.data(), byte, w.source.size());
    for (size_t block = 0; block < w.source.size(); block += layout.block_bytes) {
      for (const uint32_t at : HalvesOf(w.type))
        StoreU16(w.source.data() + block + at, F32ToF16(1.0f));
      if (w.type == TensorType::kMXFP4) w.source[block] = std::byte{128};
    }
    w.Pack();
    Columns x(4, cols, 1);
    for (uint32_t k = 0; k < cols; ++k) {
      x.x[k] = 1.0f;
      x.x[cols + k] = -1.0f;
      x.x[2 * cols + k] = k % 2 == 0 ? 1.0f : -1.0f;
      x.x[3 * cols + k] = k % 32 < 16 ? 1.0f : -1.0f;
    }
    x.Quantize();
    std::vector<float> row(cols);
    DecodeRow(w.type, w.source.data(), cols, row.data());
    ByReference expected([&](const Kernels& reference) {
      const std::vector<float> y = Product(reference, w, x);
      for (uint32_t m = 0; m < x.count; ++m) {
        double sum = 0, magnitude = 1;
        for (uint32_t k = 0; k < cols; ++k) {
          sum += double{row[k]} * double{x.x[size_t{m} * cols + k]};
          magnitude += std::fabs(double{row[k]}) + 2100;
        }
        for (uint32_t r = 0; r < w.rows; ++r)
          EXPECT_NEAR(y[m * w.rows + r], sum, magnitude * 1e-6) << byte;
      }
      return y;
    });
    for (const Kernels* kernels : RunnableKernels()) {
      ASSERT_TRUE(SameBits(Product(*kernels, w, x), expected.For(*kernels)))
          << kernels->name << " byte " << byte;
    }
  }
}

TEST_P(Matmul, BrokenScalesGiveNaNOnlyInTheirRow) {
  // Its scale is a power of two, whatever its byte; packing refuses the one that means NaN.
  if (GetParam() == TensorType::kMXFP4) return;
  const PanelLayout& layout = *FindPanelLayout(GetParam());
  const uint32_t cols = 512;
  Weights w = RandomWeights(GetParam(), 20, cols, 4);
  std::memset(w.source.data() + 3 * w.row_bytes(), 0xFF,
              layout.block_bytes);  // a NaN in every type
  w.Pack();
  const Columns x(2, cols, 5);
  for (const Kernels* kernels : RunnableKernels()) {
    const std::vector<float> y = Product(*kernels, w, x);
    for (uint32_t i = 0; i < y.size(); ++i)
      ASSERT_EQ(std::isnan(y[i]), i % w.rows == 3) << kernels->name;
  }
}

TEST_P(Matmul, NoColumnsOrNoPanelsIsNothingToDo) {
  const Weights w = RandomWeights(GetParam(), 20, 256, 4);
  const Columns x(1, 256, 5);
  float y = kUntouched;
  for (const Kernels* kernels : RunnableKernels()) {
    kernels->matmul({w.matrix(), 0, 2, x.From(*kernels, 0), 0, &y, w.rows});
    kernels->matmul({w.matrix(), 1, 1, x.From(*kernels, 0), 1, &y, w.rows});
    EXPECT_EQ(y, kUntouched);
  }
}

}  // namespace
}  // namespace ledge
