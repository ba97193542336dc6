#include "quant/synth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "gguf/gguf.h"
#include "gguf/shapes.h"
#include "quant/filler_vocabulary.h"
#include "quant/quant.h"
#include "quant/random_blocks.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

Result<uint64_t> Make(const std::string& path, std::string type, uint64_t seed = 1,
                      std::string shape = "tiny") {
  SynthOptions options;
  options.shape = std::move(shape);
  options.type = std::move(type);
  options.seed = seed;
  options.path = path;
  return Synthesize(PosixOs(), options);
}

TEST(Synth, EveryTypeGivesAReadableFileOfFiniteWeights) {
  const testing::TempDir folder;
  for (const std::string_view type : SynthTypes()) {
    SCOPED_TRACE(type);
    const std::string path = folder / "m.gguf";
    ASSERT_OK_AND_ASSIGN(const uint64_t size, Make(path, std::string(type)));
    ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().Map(path));
    ASSERT_EQ(file->bytes().size(), size);
    ASSERT_OK_AND_ASSIGN(const GgufHeader header, GgufHeader::Parse(file->bytes(), size, path));
    EXPECT_EQ(header.tensors().size(), 4U * 9 + 3);
    for (const GgufTensor& tensor : header.tensors()) {
      EXPECT_OK(CheckFinite(tensor.type, file->bytes().subspan(tensor.offset, tensor.bytes),
                            tensor.name));
    }
  }
}

TEST(Synth, MixturesAndHybridsHaveTheirTensors) {
  const testing::TempDir folder;
  ASSERT_OK(Make(folder / "moe", "q4_k_m", 1, "tiny-moe"));
  ASSERT_OK_AND_ASSIGN(const auto moe, PosixOs().Map(folder / "moe"));
  ASSERT_OK_AND_ASSIGN(const GgufHeader mixture,
                       GgufHeader::Parse(moe->bytes(), moe->bytes().size(), "moe"));
  EXPECT_EQ(mixture.String("general.architecture").value(), "qwen3moe");
  const GgufTensor* const down = mixture.FindTensor("blk.1.ffn_down_exps.weight");
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(down->dims, (std::array<uint64_t, 4>{256, 256, 8, 1}));
  EXPECT_EQ(down->type, TensorType::kQ6_K);
  EXPECT_EQ(mixture.FindTensor("blk.0.ffn_gate_inp.weight")->type, TensorType::kF32);
  ASSERT_OK(Make(folder / "hybrid", "q4_0", 1, "tiny-hybrid"));
  ASSERT_OK_AND_ASSIGN(const auto recurrent, PosixOs().Map(folder / "hybrid"));
  ASSERT_OK_AND_ASSIGN(const GgufHeader hybrid,
                       GgufHeader::Parse(recurrent->bytes(), recurrent->bytes().size(), "hybrid"));
  EXPECT_EQ(hybrid.String("general.architecture").value(), "granitehybrid");
  EXPECT_NE(hybrid.FindTensor("blk.1.attn_q.weight"), nullptr);
  EXPECT_EQ(hybrid.FindTensor("blk.1.ssm_in.weight"), nullptr);
  for (const int layer : {0, 2, 3}) {
    const GgufTensor* const a = hybrid.FindTensor(fmt::format("blk.{}.ssm_a", layer));
    ASSERT_NE(a, nullptr);
    for (uint64_t i = 0; i < a->values(); ++i) {
      float value;
      std::memcpy(&value, recurrent->bytes().data() + a->offset + 4 * i, sizeof(value));
      EXPECT_LT(value, 0) << "or the state would grow";
    }
  }
}

TEST(Synth, WeightsHaveMeanZeroAndTheWantedDeviation) {
  for (const TypeInfo& info : AllTypes()) {
    if (!info.can_decode) continue;
    RandomBits random(3);
    constexpr size_t kValues = 256 * 400;
    std::vector<std::byte> row(*RowBytes(info.type, kValues));
    FillRandomBlocks(info.type, 0.02F, random, row);
    std::vector<float> values(kValues);
    DecodeRow(info.type, row.data(), kValues, values.data());
    double sum = 0;
    double squares = 0;
    for (const float value : values) {
      sum += static_cast<double>(value);
      squares += static_cast<double>(value) * static_cast<double>(value);
    }
    EXPECT_NEAR(sum / kValues, 0.0, 0.001) << info.name;
    EXPECT_NEAR(std::sqrt(squares / kValues), 0.02, 0.005) << info.name;
  }
}

TEST(Synth, TheSameSeedGivesTheSameBytesAndAnotherDoesNot) {
  const testing::TempDir folder;
  ASSERT_OK(Make(folder / "a", "q4_k_m", 5));
  ASSERT_OK(Make(folder / "b", "q4_k_m", 5));
  ASSERT_OK(Make(folder / "c", "q4_k_m", 6));
  EXPECT_EQ(testing::ReadWholeFile(folder / "a"), testing::ReadWholeFile(folder / "b"));
  EXPECT_NE(testing::ReadWholeFile(folder / "a"), testing::ReadWholeFile(folder / "c"));
}

TEST(Synth, MixesTypesAsLlamaQuantizeDoes) {
  const testing::TempDir folder;
  ASSERT_OK(Make(folder / "m", "q4_k_m"));
  ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().Map(folder / "m"));
  ASSERT_OK_AND_ASSIGN(const GgufHeader header,
                       GgufHeader::Parse(file->bytes(), file->bytes().size(), "m"));
  const auto type = [&](std::string_view name) { return header.FindTensor(name)->type; };
  EXPECT_EQ(type("token_embd.weight"), TensorType::kQ4_K);
  EXPECT_EQ(type("output.weight"), TensorType::kQ6_K);
  EXPECT_EQ(type("output_norm.weight"), TensorType::kF32);
  EXPECT_EQ(type("blk.0.attn_q.weight"), TensorType::kQ4_K);
  EXPECT_EQ(type("blk.0.attn_v.weight"), TensorType::kQ4_K);
  EXPECT_EQ(type("blk.2.attn_v.weight"), TensorType::kQ6_K) << "every third";
  EXPECT_EQ(type("blk.3.ffn_down.weight"), TensorType::kQ6_K) << "the last eighth";
  EXPECT_EQ(type("blk.3.ffn_up.weight"), TensorType::kQ4_K);
}

TEST(Synth, RefusesUnknownShapesAndTypesNamingTheKnown) {
  SynthOptions options;
  options.shape = "70b";
  EXPECT_ERROR(Synthesize(PosixOs(), options), Code::kUsage,
               "one of tiny 160m 1b 3b 7b 13b tiny-moe 4b-moe tiny-hybrid 1b-hybrid");
  options.shape = "tiny";
  options.type = "q3_k";
  EXPECT_ERROR(
      Synthesize(PosixOs(), options), Code::kUsage,
      "one of q4_0 q4_1 q8_0 q4_k_m q6_k f16 q4_k_s q5_k_s q5_k_m iq4_nl iq4_xs iq3_s mxfp4 "
      "bf16 f32");
}

TEST(Synth, ProgressReachesTheEndAndCanStopTheWork) {
  const testing::TempDir folder;
  SynthOptions options;
  options.shape = "tiny";
  options.path = folder / "m.gguf";
  uint64_t last = 0;
  options.progress = [&](uint64_t done, uint64_t total) -> Result<void> {
    EXPECT_GT(done, last);
    EXPECT_LE(done, total);
    last = done;
    return {};
  };
  ASSERT_OK_AND_ASSIGN(const uint64_t size, Synthesize(PosixOs(), options));
  EXPECT_GT(last, size / 2);
  std::filesystem::remove(options.path);
  options.progress = [](uint64_t, uint64_t) -> Result<void> {
    return MakeError(Code::kInterrupted, "stopped");
  };
  EXPECT_ERROR(Synthesize(PosixOs(), options), Code::kInterrupted, "stopped");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Synth, ShapesAreConsistent) {
  for (const ModelShape& shape : AllShapes()) {
    if (shape.architecture == "llama") {
      EXPECT_EQ(shape.heads * shape.head_values, shape.hidden) << shape.name;
    }
    EXPECT_LE(shape.experts_used, shape.experts) << shape.name;
    const MixerShape& mixer = shape.mixer;
    if (mixer.inner != 0) {
      EXPECT_EQ(mixer.inner % mixer.heads, 0U) << shape.name;
      EXPECT_EQ(mixer.heads % mixer.groups, 0U) << shape.name;
      EXPECT_EQ(mixer.inner % 256, 0U) << shape.name;
      EXPECT_LT(mixer.attention_at, mixer.attention_every) << shape.name;
    }
    EXPECT_EQ(shape.heads % shape.kv_heads, 0U) << shape.name;
    EXPECT_EQ(shape.hidden % 256, 0U) << shape.name;
    EXPECT_EQ(shape.ffn % 256, 0U) << shape.name;
    EXPECT_GE(shape.vocabulary, kMinFillerVocabulary) << shape.name;
  }
  EXPECT_EQ(FindShape("8b"), nullptr);
  EXPECT_EQ(ShapeNames().size(), AllShapes().size());
}

TEST(FillerVocabulary, TokensAreUniqueAndEveryByteIsThere) {
  for (const uint32_t size : {kMinFillerVocabulary, 128256U}) {
    const FillerVocabulary made = MakeFillerVocabulary(size);
    EXPECT_EQ(made.tokens.size(), size);
    EXPECT_EQ(made.scores.size(), size);
    EXPECT_EQ(made.types.size(), size);
    const std::set<std::string> unique(made.tokens.begin(), made.tokens.end());
    EXPECT_EQ(unique.size(), size);
    EXPECT_TRUE(unique.contains("<0x00>") && unique.contains("<0xFF>") && unique.contains("aa"));
  }
}

}  // namespace
}  // namespace ledge
