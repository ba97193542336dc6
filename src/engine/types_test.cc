// Every type of weights in a whole model.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/logits.h"
#include "gguf/gguf_writer.h"
#include "kernels/panel.h"
#include "quant/quant.h"
#include "quant/random_blocks.h"
#include "quant/synth.h"
#include "testing/loaded_model.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

// Metadata and tensors of a GGUF file, matrices in `type`: what `fill` makes of each of them.
template <typename Fill>
Result<std::vector<std::byte>> Rewritten(std::span<const std::byte> file, TensorType type,
                                         Fill&& fill) {
  LEDGE_TRY(const GgufHeader header, GgufHeader::Parse(file, file.size(), "model"));
  std::vector<std::byte> out;
  GgufWriter writer([&](std::span<const std::byte> bytes) -> Result<void> {
    out.insert(out.end(), bytes.begin(), bytes.end());
    return {};
  });
  for (const auto& [key, value] : header.metadata()) writer.AddValue(key, value);
  const auto type_of = [type](const GgufTensor& tensor) {
    return tensor.n_dims > 1 ? type : tensor.type;
  };
  for (const GgufTensor& tensor : header.tensors()) {
    LEDGE_CHECK_OK(writer.AddTensor(tensor.name, type_of(tensor),
                                    std::span(tensor.dims).first(tensor.n_dims)));
  }
  LEDGE_CHECK_OK(writer.Begin());
  for (const GgufTensor& tensor : header.tensors()) {
    const auto bytes = file.subspan(tensor.offset, tensor.bytes);
    if (tensor.n_dims == 1) {
      LEDGE_CHECK_OK(writer.Write(bytes));
      continue;
    }
    std::vector<std::byte> made(*RowBytes(type, tensor.dims[0]) * tensor.rows());
    fill(tensor, bytes, made);
    LEDGE_CHECK_OK(writer.Write(made));
  }
  LEDGE_CHECK_OK(writer.Finish());
  return out;
}

Result<std::vector<float>> LogitsOf(std::span<const std::byte> gguf) {
  LEDGE_TRY(auto packed, testing::PackAndOpen(gguf));
  LEDGE_TRY(auto model, Model::Load(std::move(packed)));
  testing::NativeBench bench(std::move(model));
  LEDGE_TRY(Executor * executor, bench.Make({.kv_type = KvType::kF32, .max_columns = 64}));
  const std::vector<Token> ids = {1, 300, 1000, 17, 555, 2000};
  LEDGE_TRY(LogitsReport report, ComputeLogits(*executor, ids, 0, StopFlag()));
  return std::move(report.logits);
}

class TypeTest : public ::testing::TestWithParam<TensorType> {
 protected:
  // A small model in floats.
  static const std::vector<std::byte>& Floats() {
    static const std::vector<std::byte> file = [] {
      const testing::TempDir folder;
      SynthOptions options;
      options.shape = "tiny";
      options.type = "f32";
      options.path = folder / "m.gguf";
      EXPECT_OK(Synthesize(PosixOs(), options));
      const std::string text = testing::ReadWholeFile(options.path);
      const auto bytes = std::as_bytes(std::span(text));
      return std::vector<std::byte>(bytes.begin(), bytes.end());
    }();
    return file;
  }
};

// A model whose matrices are random blocks of a type, beside the same with these decoded to floats:
// only activations that are rounded to 8 bits tell them apart.
TEST_P(TypeTest, ModelsAnswerAsTheirDecodedWeightsDo) {
  const TensorType type = GetParam();
  RandomBits random(1);
  ASSERT_OK_AND_ASSIGN(
      const auto blocks,
      Rewritten(
          Floats(), type, [&](const GgufTensor& tensor, std::span<const std::byte>, auto& out) {
            FillRandomBlocks(type, 1 / std::sqrt(static_cast<float>(tensor.dims[0])), random, out);
          }));
  ASSERT_OK_AND_ASSIGN(
      const auto decoded,
      Rewritten(blocks, TensorType::kF32,
                [](const GgufTensor& tensor, std::span<const std::byte> from, auto& out) {
                  DecodeRow(tensor.type, from.data(), tensor.values(),
                            reinterpret_cast<float*>(out.data()));
                }));
  ASSERT_OK_AND_ASSIGN(const auto logits, LogitsOf(blocks));
  ASSERT_OK_AND_ASSIGN(const auto expected, LogitsOf(decoded));
  double error = 0;
  double size = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double difference = double{logits[i]} - double{expected[i]};
    error += difference * difference;
    size += double{expected[i]} * double{expected[i]};
  }
  EXPECT_GT(size, 0);
  EXPECT_LT(std::sqrt(error / size), ReadsFloats(type) ? 1e-4 : 0.03);
}

std::vector<TensorType> PanelTypes() {
  std::vector<TensorType> types;
  for (const TypeInfo& info : AllTypes()) {
    if (FindPanelLayout(info.type) != nullptr) types.push_back(info.type);
  }
  return types;
}

INSTANTIATE_TEST_SUITE_P(All, TypeTest, ::testing::ValuesIn(PanelTypes()),
                         [](const auto& test) { return std::string(Info(test.param).name); });

}  // namespace
}  // namespace ledge
