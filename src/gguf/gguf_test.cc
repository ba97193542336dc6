// The reader against right and broken headers. Every broken one of the catalogue
// (testing/gguf_cases.h) has its test here by name, and its file in fuzz/corpus/gguf.
#include "gguf/gguf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "os/os.h"
#include "testing/gguf_builder.h"
#include "testing/gguf_cases.h"
#include "testing/gguf_touch.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::BrokenGgufs;
using testing::GgufBuilder;
using testing::GgufCase;
using testing::SmallGguf;
using testing::TouchHeader;

Result<GgufHeader> Parse(const std::vector<std::byte>& bytes) {
  return GgufHeader::Parse(bytes, bytes.size(), "model.gguf");
}

void ExpectRefused(std::string_view name) {
  SCOPED_TRACE(name);
  const std::vector<GgufCase> cases = BrokenGgufs();
  const auto found = std::ranges::find(cases, name, &GgufCase::name);
  ASSERT_NE(found, cases.end());
  const auto header = Parse(found->bytes);
  ASSERT_TRUE(testing::Fails(header, found->code, found->words));
  const std::string& message = header.error().message;
  EXPECT_EQ(message.find("model.gguf: "), 0U) << message;
  EXPECT_EQ(message, PrintableLine(message)) << "not fit for a terminal";
  EXPECT_NE(message.find(';'), std::string::npos)
      << "does not say what would be right: " << message;
}

TEST(GgufReader, RejectsEmptyFile) { ExpectRefused("empty_file"); }
TEST(GgufReader, RejectsMagicCutShort) { ExpectRefused("magic_cut"); }
TEST(GgufReader, RejectsBadMagicWithoutEchoingEscapes) { ExpectRefused("magic_escapes"); }
TEST(GgufReader, RejectsVersionZero) { ExpectRefused("version_0"); }
TEST(GgufReader, RejectsVersionOne) { ExpectRefused("version_1"); }
TEST(GgufReader, RejectsFutureVersions) {
  ExpectRefused("version_future");
  ExpectRefused("version_wild");
}
TEST(GgufReader, RejectsBigEndian) { ExpectRefused("big_endian"); }
TEST(GgufReader, RejectsHugeTensorCount) {
  ExpectRefused("n_tensors_huge");
  ExpectRefused("n_tensors_million");
  ExpectRefused("n_tensors_over_bytes");
}
TEST(GgufReader, RejectsHugeKeyCount) { ExpectRefused("n_kv_huge"); }
TEST(GgufReader, RejectsKeyCountThatMissesKeys) { ExpectRefused("n_kv_one_more"); }
TEST(GgufReader, RejectsHugeStringLength) { ExpectRefused("string_length_huge"); }
TEST(GgufReader, RejectsHugeArrayLength) { ExpectRefused("array_length_huge"); }
TEST(GgufReader, RejectsArrayWhoseBytesWrap) { ExpectRefused("array_bytes_wrap"); }
TEST(GgufReader, RejectsHugeStringArrays) {
  ExpectRefused("array_strings_huge");
  ExpectRefused("array_string_wraps");
}
TEST(GgufReader, RejectsEmptyKey) { ExpectRefused("key_empty"); }
TEST(GgufReader, RejectsLongKey) { ExpectRefused("key_too_long"); }
TEST(GgufReader, RejectsKeyWithControlCharacters) {
  ExpectRefused("key_escapes");
  ExpectRefused("key_c1_control");
}
TEST(GgufReader, RejectsKeyThatIsNotUtf8) { ExpectRefused("key_not_utf8"); }
TEST(GgufReader, RejectsDuplicateKeys) { ExpectRefused("key_twice"); }
TEST(GgufReader, RejectsUnknownValueTypes) {
  ExpectRefused("value_type_unknown");
  ExpectRefused("element_type_unknown");
}
TEST(GgufReader, RejectsNestedArrays) { ExpectRefused("array_nested"); }
TEST(GgufReader, RejectsBoolsOtherThanZeroAndOne) {
  ExpectRefused("bool_of_2");
  ExpectRefused("bools_of_255");
}
TEST(GgufReader, RejectsAlignmentZero) { ExpectRefused("alignment_0"); }
TEST(GgufReader, RejectsAlignmentThatIsNoPowerOfTwo) { ExpectRefused("alignment_48"); }
TEST(GgufReader, RejectsAlignmentOutOfRange) {
  ExpectRefused("alignment_4");
  ExpectRefused("alignment_2_to_31");
}
TEST(GgufReader, RejectsAlignmentOfWrongType) {
  ExpectRefused("alignment_i32");
  ExpectRefused("alignment_text");
}
TEST(GgufReader, RejectsDimsWhoseProductWraps) {
  ExpectRefused("dims_wrap_to_0");
  ExpectRefused("dims_wrap_to_small");
  ExpectRefused("dims_wrap_only_values");
}
TEST(GgufReader, RejectsNegativeDims) { ExpectRefused("dims_negative"); }
TEST(GgufReader, RejectsTensorWhoseBytesWrap) { ExpectRefused("dims_bytes_wrap"); }
TEST(GgufReader, RejectsTensorWhosePaddedSizeWraps) { ExpectRefused("padded_size_wraps"); }
TEST(GgufReader, RejectsZeroDims) {
  ExpectRefused("dims_zero");
  ExpectRefused("row_zero");
}
TEST(GgufReader, RejectsRowsThatAreNotWholeBlocks) { ExpectRefused("row_not_blocks"); }
TEST(GgufReader, RejectsMoreThanFourDims) {
  ExpectRefused("dims_five");
  ExpectRefused("dims_huge_count");
}
TEST(GgufReader, RejectsNoDims) { ExpectRefused("dims_none"); }
TEST(GgufReader, RejectsUnknownTensorTypesNamingTheNumber) {
  ExpectRefused("type_4");
  ExpectRefused("type_31");
  ExpectRefused("type_43");
  ExpectRefused("type_4294967295");
}
TEST(GgufReader, NamesTensorTypesThatOtherProgramsKnow) {
  const auto cases = BrokenGgufs();
  const auto found = std::ranges::find(cases, "type_31", &GgufCase::name);
  ASSERT_NE(found, cases.end());
  EXPECT_ERROR(
      Parse(found->bytes), Code::kUnsupported,
      "type is 31 (Q4_0_4_4), which this build doesn't know; it should be one of F32, F16");
}
TEST(GgufReader, CallsKeysByTheirOrigins) {
  const std::vector<std::byte> bytes = SmallGguf();
  ASSERT_OK_AND_ASSIGN(GgufHeader header, Parse(bytes));
  header.CallKeys(std::make_shared<const KeyOrigins>(KeyOrigins{{"n.f32", "f/config.json: half"}}));
  EXPECT_ERROR(header.Unsigned("n.f32"), Code::kMalformed,
               "f/config.json: half is of type f32; it should be a whole number");
  EXPECT_ERROR(header.Unsigned("n.bool"), Code::kMalformed, "model.gguf: key 'n.bool' is of type");
}
TEST(GgufReader, RejectsTensorPastTheEnd) { ExpectRefused("tensor_past_end"); }
TEST(GgufReader, RejectsOffsetPastTheEnd) {
  ExpectRefused("offset_past_end");
  ExpectRefused("offset_wraps");
}
TEST(GgufReader, RejectsUnalignedOffset) { ExpectRefused("offset_unaligned"); }
TEST(GgufReader, RejectsSizesWhoseSumWraps) { ExpectRefused("sizes_sum_wraps"); }
TEST(GgufReader, RejectsOverlappingTensors) {
  ExpectRefused("tensors_alias");
  ExpectRefused("tensors_overlap");
}
TEST(GgufReader, RejectsDuplicateTensors) { ExpectRefused("tensor_twice"); }
TEST(GgufReader, RejectsEmptyTensorName) { ExpectRefused("tensor_name_empty"); }
TEST(GgufReader, RejectsTruncatedFiles) {
  ExpectRefused("data_truncated");
  ExpectRefused("header_truncated");
}

// So that a case without a test of its own is run all the same.
TEST(GgufReader, RefusesTheWholeCatalogue) {
  for (const GgufCase& each : BrokenGgufs()) ExpectRefused(each.name);
}

TEST(GgufReader, ReadsEveryType) {
  const auto bytes = SmallGguf();
  ASSERT_OK_AND_ASSIGN(const GgufHeader header, Parse(bytes));
  EXPECT_EQ(header.version(), 3U);
  EXPECT_EQ(header.metadata().size(), 15U);
  EXPECT_EQ(header.String("general.architecture").value_or(""), "llama");
  EXPECT_EQ(header.Unsigned("n.u8").value_or(0), 200U);
  EXPECT_EQ(header.Unsigned("n.u16").value_or(0), 60000U);
  EXPECT_EQ(header.Unsigned("n.u32").value_or(0), 4000000000U);
  EXPECT_EQ(header.Unsigned("n.u64").value_or(0), UINT64_MAX);
  EXPECT_EQ(header.Number("n.i8").value_or(0), -3.0);
  EXPECT_EQ(header.Number("n.i16").value_or(0), -300.0);
  EXPECT_EQ(header.Number("n.i32").value_or(0), -70000.0);
  EXPECT_EQ(header.Number("n.i64").value_or(0), -0x1p63);
  EXPECT_EQ(header.Number("n.f32").value_or(0), 0.5);
  EXPECT_EQ(header.Number("n.f64").value_or(0), -0.25);
  EXPECT_TRUE(header.Bool("n.bool", false).value_or(false));
  ASSERT_OK_AND_ASSIGN(const GgufValue* floats, header.Array("a.f32", GgufType::kF32));
  ASSERT_EQ(floats->count, 2U);
  EXPECT_EQ(GgufElement<float>(*floats, 1), -2.0F);
  ASSERT_OK_AND_ASSIGN(const GgufValue* none, header.Array("a.i32", GgufType::kI32));
  EXPECT_EQ(none->count, 0U);
  ASSERT_OK_AND_ASSIGN(const GgufValue* texts, header.Array("a.strings", GgufType::kString));
  GgufStrings strings(*texts);
  EXPECT_EQ(strings.Next(), "");
  EXPECT_EQ(strings.Next(), "a");
  EXPECT_EQ(strings.Next(), "two");
  EXPECT_EQ(strings.left(), 0U);
}

TEST(GgufReader, PlacesTensors) {
  const auto bytes = SmallGguf();
  ASSERT_OK_AND_ASSIGN(const GgufHeader header, Parse(bytes));
  ASSERT_EQ(header.tensors().size(), 3U);
  EXPECT_EQ(header.data_offset() % 32, 0U);
  const GgufTensor* f = header.FindTensor("f");
  const GgufTensor* q = header.FindTensor("q");
  const GgufTensor* h = header.FindTensor("h");
  ASSERT_TRUE(f != nullptr && q != nullptr && h != nullptr);
  EXPECT_EQ(header.FindTensor("g"), nullptr);
  EXPECT_EQ(f->offset, header.data_offset());
  EXPECT_EQ(f->bytes, 24U);
  EXPECT_EQ(f->rows(), 3U);
  EXPECT_EQ(q->offset, header.data_offset() + 32);
  EXPECT_EQ(q->bytes, 36U);
  EXPECT_EQ(q->type, TensorType::kQ4_0);
  EXPECT_EQ(h->n_dims, 4U);
  EXPECT_EQ(h->rows(), 2U);
  EXPECT_EQ(h->values(), 6U);
  EXPECT_EQ(bytes[q->offset], std::byte{0x11});
}

TEST(GgufReader, AcceptsVersionTwoAnyOrderGapsAndNoTensors) {
  GgufBuilder builder;
  builder.version = 2;
  builder.Tensor({"late", 0, {8}, std::string(64, 'l'), 64, {}})
      .Tensor({"early", 0, {8}, std::string(32, 'e'), 0, {}});
  const auto bytes = builder.Build();
  ASSERT_OK_AND_ASSIGN(const GgufHeader header, Parse(bytes));
  EXPECT_EQ(header.version(), 2U);
  ASSERT_OK(Parse(GgufBuilder().String("k", "v").Build()));
}

TEST(GgufReader, AcceptsOtherAlignments) {
  GgufBuilder builder;
  builder.alignment = 4096;
  builder.Number<uint32_t>("general.alignment", 4096)
      .Floats("a", {1}, {1.0F})
      .Floats("b", {1}, {2.0F});
  const auto bytes = builder.Build();
  ASSERT_OK_AND_ASSIGN(const GgufHeader header, Parse(bytes));
  EXPECT_EQ(header.alignment(), 4096U);
  EXPECT_EQ(header.FindTensor("b")->offset, 8192U);
}

TEST(GgufReader, AcceptsLastTensorWithoutPadding) {
  auto bytes = GgufBuilder().Floats("a", {3}, {1, 2, 3}).Build();
  bytes.resize(bytes.size() - 20);
  ASSERT_OK(Parse(bytes));
  bytes.pop_back();
  EXPECT_ERROR(Parse(bytes), Code::kMalformed, "past the file's end");
}

TEST(GgufReader, AcceptsNonAsciiNames) {
  const auto bytes = GgufBuilder().String("name.\xC3\xA9", "v").Build();
  ASSERT_OK_AND_ASSIGN(const GgufHeader header, Parse(bytes));
  EXPECT_NE(header.Find("name.\xC3\xA9"), nullptr);
}

TEST(GgufReader, RefusesArraysNarrowerThanTheReader) {
  GgufBuilder builder;
  builder.Numbers<uint8_t>("tokenizer.ggml.scores", {1, 2, 3});
  const auto bytes = builder.Build();
  ASSERT_OK_AND_ASSIGN(const GgufHeader header, Parse(bytes));
  EXPECT_ERROR(header.Array("tokenizer.ggml.scores", GgufType::kF32), Code::kMalformed,
               "key 'tokenizer.ggml.scores' is an array of 3 u8; it should be an array of f32");
  EXPECT_ERROR(header.Number("tokenizer.ggml.scores"), Code::kMalformed, "should be a number");
}

TEST(GgufReader, RefusesInfiniteRopeBase) {
  GgufBuilder builder;
  builder.Number<float>("llama.rope.freq_base", std::numeric_limits<float>::infinity())
      .Number<double>("nan", std::numeric_limits<double>::quiet_NaN());
  const auto bytes = builder.Build();
  ASSERT_OK_AND_ASSIGN(const GgufHeader header, Parse(bytes));
  EXPECT_ERROR(header.Number("llama.rope.freq_base", 1e4), Code::kMalformed,
               "is inf; it should be a finite");
  EXPECT_ERROR(header.Number("nan"), Code::kMalformed, "is nan");
}

TEST(GgufReader, TypedReadingNamesKeyAndType) {
  const auto bytes = SmallGguf();
  ASSERT_OK_AND_ASSIGN(const GgufHeader header, Parse(bytes));
  EXPECT_ERROR(header.Unsigned("n.i8"), Code::kMalformed,
               "model.gguf: key 'n.i8' is -3; it should not");
  EXPECT_ERROR(header.Unsigned("n.i64"), Code::kMalformed, "is -9223372036854775808");
  EXPECT_ERROR(header.Unsigned("n.f32"), Code::kMalformed, "is of type f32");
  EXPECT_ERROR(header.Unsigned("n.bool"), Code::kMalformed, "is of type bool");
  EXPECT_ERROR(header.Unsigned("none"), Code::kMalformed, "key 'none' is missing");
  EXPECT_ERROR(header.String("n.u8"), Code::kMalformed, "should be a string");
  EXPECT_ERROR(header.Bool("n.u8", true), Code::kMalformed, "should be a bool");
  EXPECT_EQ(header.Unsigned("none", 7).value_or(0), 7U);
  EXPECT_EQ(header.Number("none", 1.5).value_or(0), 1.5);
  EXPECT_EQ(header.String("none", "x").value_or(""), "x");
  ASSERT_OK_AND_ASSIGN(const GgufValue* none, header.Array("none", GgufType::kF32));
  EXPECT_EQ(none, nullptr);
}

TEST(GgufReader, ShowsTheFileNameFitForATerminal) {
  const auto header = GgufHeader::Parse({}, 0, "a\x1b[2J\n.gguf");
  ASSERT_FALSE(header.ok());
  EXPECT_EQ(header.error().message.find("a\\x1b[2J\\x0a.gguf: "), 0U) << header.error().message;
}

TEST(GgufReader, RefusesEveryTruncation) {
  const auto whole = SmallGguf();
  ASSERT_OK_AND_ASSIGN(const GgufHeader right, Parse(whole));
  const uint64_t needed = right.FindTensor("h")->offset + 12;
  for (size_t size = 0; size < needed; ++size) {
    const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    const auto header = Parse(cut);
    ASSERT_FALSE(header.ok()) << size;
    ASSERT_EQ(header.error().code, Code::kMalformed) << size << " " << header.error().message;
  }
}

TEST(GgufReader, SurvivesEveryFlippedByte) {
  const auto whole = SmallGguf();
  int refused = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned mask : {0x01U, 0x80U, 0xFFU, 0x10U}) {
      auto flipped = whole;
      flipped[at] ^= static_cast<std::byte>(mask);
      const auto header = Parse(flipped);
      if (header.ok()) {
        TouchHeader(*header, flipped);
      } else {
        ++refused;
        ASSERT_EQ(header.error().message, PrintableLine(header.error().message));
      }
    }
  }
  EXPECT_GT(refused, 500);
}

TEST(GgufReader, TakesTheLargestTensorCountWithoutQuadraticWork) {
  GgufBuilder builder;
  const std::string prefix(64, 'x');  // long common beginnings make comparisons dear
  for (uint64_t i = 0; i < kMaxGgufTensors; ++i) {
    const std::string number = std::to_string(i * 7919 % kMaxGgufTensors);
    builder.Tensor({prefix + number, 24, {1}, "", i * 32, {}});
  }
  auto bytes = builder.Build();
  bytes.resize(bytes.size() + kMaxGgufTensors * 32);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_OK_AND_ASSIGN(const GgufHeader header, Parse(bytes));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_EQ(header.tensors().size(), kMaxGgufTensors);
}

TEST(GgufReader, RefusesHeadersOverTheLimit) {
  // Anonymous pages that are never touched cost nothing.
  const auto front = GgufBuilder().Raw("k", 8, GgufBuilder::Bytes(kMaxGgufHeaderBytes)).Build();
  ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().MapAnonymous(kMaxGgufHeaderBytes + 4096));
  std::ranges::copy(front, file->writable().begin());
  const auto header = GgufHeader::Parse(file->bytes(), file->bytes().size(), "model.gguf");
  EXPECT_ERROR(header, Code::kMalformed, "the header should end within 268435456 bytes");
}

TEST(GgufReader, ReadsSharedModels) {
  LEDGE_SHARED_OR_SKIP(folder, "data");
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".gguf") continue;
    const std::string content = testing::ReadWholeFile(entry.path().string());
    const auto bytes = std::as_bytes(std::span(content));
    const auto header = GgufHeader::Parse(bytes, bytes.size(), entry.path().string());
    ASSERT_OK(header);
    EXPECT_TRUE(header->String("general.architecture").ok());
    TouchHeader(*header, bytes);
    ++files;
  }
  EXPECT_GT(files, 10);
}

// Run with LEDGE_WRITE_SEEDS=1 to write the fuzzer's seeds anew after a change of the catalogue.
TEST(GgufCorpus, HoldsTheCatalogue) {
  const std::filesystem::path folder = "fuzz/corpus/gguf";
  if (!std::filesystem::exists("fuzz")) GTEST_SKIP() << "not run in the project's root";
  auto cases = BrokenGgufs();
  cases.push_back({"small", Code::kInternal, "", SmallGguf()});
  for (const GgufCase& each : cases) {
    const std::string bytes(reinterpret_cast<const char*>(each.bytes.data()), each.bytes.size());
    const auto path = folder / (each.name + ".gguf");
    if (std::getenv("LEDGE_WRITE_SEEDS") != nullptr) {
      std::filesystem::create_directories(folder);
      std::ofstream(path, std::ios::binary) << bytes;
    }
    EXPECT_TRUE(std::filesystem::exists(path)) << path;
    EXPECT_EQ(testing::ReadWholeFile(path.string()), bytes) << path;
  }
}

}  // namespace
}  // namespace ledge
