#include "quant/quant.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "gguf/gguf.h"
#include "os/os.h"
#include "quant/codec.h"
#include "quant/half.h"
#include "quant/quant_blocks_test_data.h"
#include "quant/quant_vectors_test_data.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"

namespace ledge {
namespace {

constexpr std::array kTypes = {TensorType::kF32,  TensorType::kF16,  TensorType::kBF16,
                               TensorType::kQ4_0, TensorType::kQ4_1, TensorType::kQ8_0,
                               TensorType::kQ4_K, TensorType::kQ6_K};

std::vector<float> Decoded(TensorType type, const std::vector<std::byte>& row, size_t values) {
  std::vector<float> out(values);
  DecodeRow(type, row.data(), values, out.data());
  return out;
}

std::vector<std::byte> Encoded(TensorType type, const std::vector<float>& values) {
  std::vector<std::byte> row(*RowBytes(type, values.size()));
  EncodeRow(type, values.data(), values.size(), row.data());
  return row;
}

void SetHalf(std::vector<std::byte>& row, size_t at, float value) {
  StoreU16(row.data() + at, F32ToF16(value));
}

TEST(Quant, HasACodecExactlyWhereTheTableSaysSo) {
  for (const TypeInfo& info : AllTypes()) {
    const Codec* codec = FindCodec(info.type);
    EXPECT_EQ(codec != nullptr, info.can_decode) << info.name;
    if (codec != nullptr) {
      EXPECT_EQ(codec->type, info.type);
    }
  }
}

// By hand from the formats' definitions.

TEST(Quant, DecodesQ4_0ByTheDefinition) {
  std::vector<std::byte> row(18, std::byte{0x88});  // all nibbles 8: zero
  SetHalf(row, 0, 0.5F);
  row[2] = std::byte{0x0F};   // value 0: 15, value 16: 0
  row[17] = std::byte{0x91};  // value 15: 1, value 31: 9
  const auto values = Decoded(TensorType::kQ4_0, row, 32);
  EXPECT_EQ(values[0], 3.5F);
  EXPECT_EQ(values[16], -4.0F);
  EXPECT_EQ(values[15], -3.5F);
  EXPECT_EQ(values[31], 0.5F);
  EXPECT_EQ(values[1], 0.0F);
}

TEST(Quant, DecodesQ4_1ByTheDefinition) {
  std::vector<std::byte> row(20, std::byte{0});
  SetHalf(row, 0, 0.25F);
  SetHalf(row, 2, -1.0F);
  row[4] = std::byte{0xF4};
  const auto values = Decoded(TensorType::kQ4_1, row, 32);
  EXPECT_EQ(values[0], 0.0F);
  EXPECT_EQ(values[16], 2.75F);
  EXPECT_EQ(values[1], -1.0F);
}

TEST(Quant, DecodesQ8_0ByTheDefinition) {
  std::vector<std::byte> row(34, std::byte{0});
  SetHalf(row, 0, 2.0F);
  row[2] = std::byte{0x80};
  row[33] = std::byte{127};
  const auto values = Decoded(TensorType::kQ8_0, row, 32);
  EXPECT_EQ(values[0], -256.0F);
  EXPECT_EQ(values[31], 254.0F);
}

TEST(Quant, DecodesQ4_KByTheDefinition) {
  std::vector<std::byte> row(144, std::byte{0});
  SetHalf(row, 0, 1.0F);
  SetHalf(row, 2, 0.5F);
  row[4 + 1] =
      std::byte{0x80 | 5};  // scale of group 1 is 5; the top bits go to group 5's scale: 2 << 4
  row[4 + 5] = std::byte{0x40 | 6};         // minimum of group 1 is 6; of group 5: 1 << 4
  row[4 + 9] = std::byte{0x34};             // group 5: scale 4 + 32, minimum 3 + 16
  row[16 + 3] = std::byte{0x70};            // groups 0 and 1, value 3: 0 and 7
  row[16 + 2 * 32 + 31] = std::byte{0xB0};  // groups 4 and 5, value 31: 0 and 11
  const auto values = Decoded(TensorType::kQ4_K, row, 256);
  EXPECT_EQ(values[3], 0.0F);
  EXPECT_EQ(values[32 + 3], 5 * 7 - 0.5F * 6);
  EXPECT_EQ(values[32 + 4], -0.5F * 6);
  EXPECT_EQ(values[5 * 32 + 31], 36 * 11 - 0.5F * 19);
}

TEST(Quant, DecodesQ6_KByTheDefinition) {
  std::vector<std::byte> row(210, std::byte{0});
  SetHalf(row, 208, 0.5F);
  for (size_t g = 0; g < 16; ++g) row[192 + g] = static_cast<std::byte>(g + 1);
  row[0] = std::byte{0xA3};             // first half: value 0 has lower bits 3, value 64 has 10
  row[128] = std::byte{0b11'01'00'10};  // upper bits: value 0: 2, 32: 0, 64: 1, 96: 3
  row[64 + 32 + 17] = std::byte{0xC0};  // second half, value 96 + 17: lower bits 12
  const auto values = Decoded(TensorType::kQ6_K, row, 256);
  EXPECT_EQ(values[0], 0.5F * 1 * (2 * 16 + 3 - 32));
  EXPECT_EQ(values[32], 0.5F * 3 * (0 - 32));
  EXPECT_EQ(values[64], 0.5F * 5 * (16 + 10 - 32));
  EXPECT_EQ(values[96], 0.5F * 7 * (48 + 0 - 32));
  EXPECT_EQ(values[128 + 96 + 17], 0.5F * 16 * (12 - 32));
}

template <size_t kBytes, size_t kValues>
void ExpectVector(TensorType type, const std::array<uint8_t, kBytes>& block,
                  const std::array<uint32_t, kValues>& expected) {
  std::array<float, kValues> values;
  DecodeRow(type, reinterpret_cast<const std::byte*>(block.data()), kValues, values.data());
  for (size_t i = 0; i < kValues; ++i) {
    EXPECT_EQ(std::bit_cast<uint32_t>(values[i]), expected[i]) << Info(type).name << " value " << i;
  }
}

TEST(Quant, DecodesBitForBitLikeAnIndependentImplementation) {
  using namespace quant_vectors;
  ExpectVector(TensorType::kQ4_0, kQ40Block, kQ40Values);
  ExpectVector(TensorType::kQ4_1, kQ41Block, kQ41Values);
  ExpectVector(TensorType::kQ8_0, kQ80Block, kQ80Values);
  ExpectVector(TensorType::kQ4_K, kQ4KBlock, kQ4KValues);
  ExpectVector(TensorType::kQ6_K, kQ6KBlock, kQ6KValues);
}

std::vector<std::byte> FromHex(std::string_view text) {
  std::vector<std::byte> bytes(text.size() / 2);
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(std::stoi(std::string(text.substr(2 * i, 2)), nullptr, 16));
  return bytes;
}

TEST(Quant, DecodesTheOtherFormatsBitForBitLikeAnIndependentImplementation) {
  for (const auto& golden : quant_vectors::kGoldenBlocks) {
    const TypeInfo& info = Info(golden.type);
    const std::vector<std::byte> block = FromHex(golden.block);
    const std::vector<std::byte> expected = FromHex(golden.values);
    ASSERT_EQ(block.size(), info.block_bytes) << info.name;
    ASSERT_EQ(expected.size(), info.block_values * sizeof(float)) << info.name;
    ASSERT_OK(CheckFinite(golden.type, block, "t"));
    // Two blocks in a row, so that the second's place is right, too.
    std::vector<std::byte> row = block;
    row.insert(row.end(), block.begin(), block.end());
    const auto values = Decoded(golden.type, row, 2 * info.block_values);
    for (size_t i = 0; i < values.size(); ++i) {
      float value;
      std::memcpy(&value, expected.data() + i % info.block_values * sizeof(float), sizeof(value));
      ASSERT_EQ(values[i], value) << info.name << " value " << i;
    }
  }
}

TEST(Quant, DecodesMxfp4ByTheDefinition) {
  std::vector<std::byte> row(17, std::byte{0});
  row[0] = std::byte{128};    // 2
  row[1] = std::byte{0xF1};   // value 0: 0.5; value 16: -6
  row[16] = std::byte{0x97};  // value 15: 6; value 31: -0.5
  const auto values = Decoded(TensorType::kMXFP4, row, 32);
  EXPECT_EQ(values[0], 1.0F);
  EXPECT_EQ(values[16], -12.0F);
  EXPECT_EQ(values[15], 12.0F);
  EXPECT_EQ(values[31], -1.0F);
  row[0] = std::byte{0};  // the smallest scale: 2^-127
  EXPECT_EQ(Decoded(TensorType::kMXFP4, row, 32)[0], std::ldexp(1.0F, -128));
}

TEST(Quant, KnowsWhichFormatsItCanWrite) {
  for (const TypeInfo& info : AllTypes()) {
    EXPECT_EQ(CanEncode(info.type), std::ranges::find(kTypes, info.type) != kTypes.end())
        << info.name;
  }
}

TEST(Quant, EncodingRandomWeightsStaysWithinTheFormatsError) {
  // Of a normal distribution, relative root mean square.
  const std::map<TensorType, double> bound = {
      {TensorType::kF32, 0.0},   {TensorType::kF16, 0.0003}, {TensorType::kBF16, 0.003},
      {TensorType::kQ4_0, 0.10}, {TensorType::kQ4_1, 0.09},  {TensorType::kQ8_0, 0.006},
      {TensorType::kQ4_K, 0.09}, {TensorType::kQ6_K, 0.021}};
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 0.02F);
  std::vector<float> values(256 * 64);
  for (float& value : values) value = normal(random);
  for (const TensorType type : kTypes) {
    const auto row = Encoded(type, values);
    ASSERT_OK(CheckFinite(type, row, "t"));
    const auto back = Decoded(type, row, values.size());
    double error = 0;
    double size = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      error += std::pow(static_cast<double>(values[i]) - static_cast<double>(back[i]), 2);
      size += std::pow(static_cast<double>(values[i]), 2);
    }
    EXPECT_LE(std::sqrt(error / size), bound.at(type)) << Info(type).name;
  }
}

// What is on the grid of a block comes back as it was (up to the scale's own rounding, avoided
// here).
TEST(Quant, EncodingDecodedBlocksGivesTheSameValues) {
  std::vector<float> values(256);
  for (size_t i = 0; i < 256; ++i) {
    values[i] = 0.25F * static_cast<float>(static_cast<int>(i * 5 % 16) - 8);
  }
  for (const TensorType type :
       {TensorType::kQ4_0, TensorType::kQ4_1, TensorType::kF16, TensorType::kBF16}) {
    EXPECT_EQ(Decoded(type, Encoded(type, values), 256), values) << Info(type).name;
  }
}

TEST(Quant, EncodesExtremesToFiniteScales) {
  for (const float size : {0.0F, 1e-45F, 1e-38F, 1e-8F, 1e6F, 3e38F}) {
    std::vector<float> values(256);
    for (size_t i = 0; i < 256; ++i) values[i] = i % 3 == 0 ? -size : size;
    for (const TensorType type : kTypes) {
      if (type == TensorType::kBF16 && size > 1e38F) continue;  // has a float's range
      const auto row = Encoded(type, values);
      EXPECT_OK(CheckFinite(type, row, "t")) << Info(type).name << " " << size;
      if (size == 0.0F) {
        EXPECT_EQ(Decoded(type, row, 256), values) << Info(type).name;
      }
    }
  }
}

TEST(Quant, EncodesConstantAndOneSidedBlocks) {
  for (const float size : {-2.0F, 2.0F}) {
    const std::vector<float> values(256, size);
    for (const TensorType type : kTypes) {
      for (const float value : Decoded(type, Encoded(type, values), 256)) {
        ASSERT_NEAR(value, size, 0.02) << Info(type).name;
      }
    }
  }
}

// Where each format keeps what must be finite.
const std::map<TensorType, std::vector<size_t>>& ScalePlaces() {
  static const std::map<TensorType, std::vector<size_t>> places = {
      {TensorType::kF16, {0}},    {TensorType::kQ4_0, {0}},    {TensorType::kQ4_1, {0, 2}},
      {TensorType::kQ8_0, {0}},   {TensorType::kQ4_K, {0, 2}}, {TensorType::kQ6_K, {208}},
      {TensorType::kQ5_0, {0}},   {TensorType::kQ5_1, {0, 2}}, {TensorType::kQ2_K, {80, 82}},
      {TensorType::kQ3_K, {108}}, {TensorType::kQ5_K, {0, 2}}, {TensorType::kIQ2_XXS, {0}},
      {TensorType::kIQ2_XS, {0}}, {TensorType::kIQ2_S, {0}},   {TensorType::kIQ3_XXS, {0}},
      {TensorType::kIQ3_S, {0}},  {TensorType::kIQ1_S, {0}},   {TensorType::kIQ4_NL, {0}},
      {TensorType::kIQ4_XS, {0}}, {TensorType::kTQ1_0, {52}},  {TensorType::kTQ2_0, {64}}};
  return places;
}

TEST(CheckFinite, FindsNanAndInfiniteHalvesInEveryBlock) {
  constexpr size_t kBlocks = 600;  // over two runs of the branch-free test
  for (const auto& [type, places] : ScalePlaces()) {
    const size_t bytes = Info(type).block_bytes;
    for (const size_t place : places) {
      for (const size_t block : {size_t{0}, size_t{255}, size_t{256}, kBlocks - 1}) {
        for (const uint16_t half :
             std::array<uint16_t, 5>{0x7C00, 0xFC00, 0x7C01, 0x7E00, 0xFFFF}) {
          std::vector<std::byte> row(kBlocks * bytes, std::byte{0});
          ASSERT_OK(CheckFinite(type, row, "t"));
          StoreU16(row.data() + block * bytes + place, half);
          const auto checked = CheckFinite(type, row, "blk.0.w", 1000);
          EXPECT_ERROR(checked, Code::kMalformed, "tensor 'blk.0.w'");
          EXPECT_ERROR(checked, Code::kMalformed, std::to_string(1000 + block));
        }
        std::vector<std::byte> row(kBlocks * bytes, std::byte{0});
        StoreU16(row.data() + block * bytes + place, kF16Largest | 0x8000);
        EXPECT_OK(CheckFinite(type, row, "t")) << "the largest half is finite";
      }
    }
  }
}

TEST(CheckFinite, FindsNanAndInfinityAmongFloats) {
  for (const float bad :
       {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
        std::numeric_limits<float>::quiet_NaN()}) {
    std::vector<float> values(3000, std::numeric_limits<float>::max());
    ASSERT_OK(CheckFinite(TensorType::kF32, std::as_bytes(std::span(values)), "t"));
    values[2999] = bad;
    EXPECT_ERROR(CheckFinite(TensorType::kF32, std::as_bytes(std::span(values)), "t"),
                 Code::kMalformed, "tensor 't': value 2999 (F32) is NaN or infinite");
    std::vector<std::byte> row(2 * 3000, std::byte{0x3F});
    ASSERT_OK(CheckFinite(TensorType::kBF16, row, "t"));
    StoreU16(row.data() + 2 * 1024, F32ToBf16(bad));
    EXPECT_ERROR(CheckFinite(TensorType::kBF16, row, "t"), Code::kMalformed, "value 1024");
  }
}

TEST(CheckFinite, LeavesQuantsAlone) {
  for (const auto& [type, places] : ScalePlaces()) {
    if (type == TensorType::kF16) continue;
    std::vector<std::byte> block(Info(type).block_bytes, std::byte{0xFF});
    for (const size_t place : places) StoreU16(block.data() + place, 0);
    EXPECT_OK(CheckFinite(type, block, "t")) << Info(type).name;
  }
}

TEST(CheckFinite, FindsTheNanAmongPowersOfTwo) {
  std::vector<std::byte> row(300 * 17, std::byte{0xFF});
  for (size_t i = 0; i < 300; ++i) row[i * 17] = std::byte{0xFE};
  ASSERT_OK(CheckFinite(TensorType::kMXFP4, row, "t"));
  row[299 * 17] = std::byte{0xFF};
  EXPECT_ERROR(CheckFinite(TensorType::kMXFP4, row, "t"), Code::kMalformed, "block 299 (MXFP4");
}

// The half lies in the upper 4 bits of four words: its bits 0 to 3 in the first.
TEST(CheckFinite, FindsHalvesInQuarters) {
  std::vector<std::byte> row(300 * 56, std::byte{0xFF});
  const auto put = [&](size_t block, uint16_t half) {
    for (size_t i = 0; i < 4; ++i) {
      const auto nibble = static_cast<uint16_t>(half >> 4 * i & 15);
      StoreU16(row.data() + block * 56 + 48 + 2 * i, static_cast<uint16_t>(nibble << 12 | 0xFFF));
    }
  };
  for (size_t i = 0; i < 300; ++i) put(i, kF16Largest | 0x8000);
  ASSERT_OK(CheckFinite(TensorType::kIQ1_M, row, "t"));
  for (const uint16_t half : std::array<uint16_t, 4>{0x7C00, 0xFC00, 0x7C01, 0xFFFF}) {
    put(299, half);
    EXPECT_ERROR(CheckFinite(TensorType::kIQ1_M, row, "t"), Code::kMalformed, "block 299 (IQ1_M");
  }
}

TEST(CheckFinite, FindsNanAndInfinityAmongDoubles) {
  std::vector<double> values(3000, std::numeric_limits<double>::max());
  ASSERT_OK(CheckFinite(TensorType::kF64, std::as_bytes(std::span(values)), "t"));
  for (const double bad :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    values[2999] = bad;
    EXPECT_ERROR(CheckFinite(TensorType::kF64, std::as_bytes(std::span(values)), "t"),
                 Code::kMalformed, "value 2999 (F64)");
  }
}

// A new type can't be forgotten: all but integers have something that must be finite.
TEST(CheckFinite, KnowsEveryType) {
  for (const TypeInfo& info : AllTypes()) {
    const std::vector<std::byte> ones(info.block_bytes, std::byte{0xFF});
    const bool integers = info.name.starts_with("I") && !info.name.starts_with("IQ");
    EXPECT_EQ(CheckFinite(info.type, ones, "t").ok(), integers) << info.name;
  }
}

// A file of the shared models in this type, encoded by llama.cpp from the F32 one beside it.
void ExpectSameEncoding(const std::string& from, const std::string& to, TensorType type) {
  ASSERT_OK_AND_ASSIGN(const auto source_map, PosixOs().Map(from));
  ASSERT_OK_AND_ASSIGN(const auto target_map, PosixOs().Map(to));
  const auto source_bytes = source_map->bytes();
  const auto target_bytes = target_map->bytes();
  ASSERT_OK_AND_ASSIGN(const auto source,
                       GgufHeader::Parse(source_bytes, source_bytes.size(), from));
  ASSERT_OK_AND_ASSIGN(const auto target, GgufHeader::Parse(target_bytes, target_bytes.size(), to));
  int compared = 0;
  for (const GgufTensor& tensor : target.tensors()) {
    const GgufTensor* original = source.FindTensor(tensor.name);
    if (tensor.type != type || original == nullptr || original->type != TensorType::kF32) continue;
    std::vector<float> values(original->values());
    std::memcpy(values.data(), source_bytes.data() + original->offset, original->bytes);
    const auto row = Encoded(type, values);
    ASSERT_EQ(row.size(), tensor.bytes);
    const bool same = std::ranges::equal(row, target_bytes.subspan(tensor.offset, tensor.bytes));
    EXPECT_TRUE(same) << tensor.name << " in " << to;
    ++compared;
  }
  EXPECT_GT(compared, 3) << to;
}

TEST(Quant, EncodesTheSameBytesAsLlamaCpp) {
  LEDGE_SHARED_OR_SKIP(folder, "data/models");
  const std::string from = folder + "/tinystories-656k/TinyStories-656K-F32.gguf";
  const std::map<std::string, TensorType> files = {{"Q4_0", TensorType::kQ4_0},
                                                   {"Q4_1", TensorType::kQ4_1},
                                                   {"Q8_0", TensorType::kQ8_0},
                                                   {"F16", TensorType::kF16},
                                                   {"BF16", TensorType::kBF16}};
  for (const auto& [name, type] : files) {
    ExpectSameEncoding(from, folder + "/quant/TinyStories-656K-" + name + ".gguf", type);
  }
}

}  // namespace
}  // namespace ledge
