#include "gguf/gguf_writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "testing/gguf_builder.h"
#include "testing/gguf_touch.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

// Collects what a writer writes.
struct Collected {
  std::string bytes;
  GgufSink Sink() {
    return [this](std::span<const std::byte> piece) -> Result<void> {
      bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      return {};
    };
  }
  std::span<const std::byte> view() const { return std::as_bytes(std::span(bytes)); }
};

std::vector<std::byte> Counting(size_t count) {
  std::vector<std::byte> data(count);
  for (size_t i = 0; i < count; ++i) data[i] = static_cast<std::byte>(i * 7 + 1);
  return data;
}

TEST(GgufWriter, WritesWhatTheReaderReads) {
  Collected out;
  GgufWriter writer(out.Sink());
  writer.AddString("s", "text");
  writer.AddNumber<uint32_t>("u", 7);
  writer.AddNumber<double>("d", 0.25);
  writer.AddBool("b", true);
  writer.AddBools("bs", {true, false});
  writer.AddNumbers<int16_t>("is", std::vector<int16_t>{-1, 2});
  writer.AddStrings("ss", std::vector<std::string>{"", "x"});
  const std::vector<uint64_t> odd = {3};
  const std::vector<uint64_t> blocks = {32, 2};
  ASSERT_OK(writer.AddTensor("odd", TensorType::kF32, odd));
  ASSERT_OK(writer.AddTensor("q", TensorType::kQ4_0, blocks));
  ASSERT_OK(writer.Begin());
  const auto data = Counting(12 + 36);
  ASSERT_OK(writer.Write(std::span(data).first(5)));  // pieces need not respect tensors
  ASSERT_OK(writer.Write(std::span(data).subspan(5)));
  ASSERT_OK(writer.Finish());
  EXPECT_EQ(out.bytes.size(), writer.file_bytes());

  ASSERT_OK_AND_ASSIGN(const GgufHeader header,
                       GgufHeader::Parse(out.view(), out.bytes.size(), "f"));
  EXPECT_EQ(header.version(), 3U);
  EXPECT_EQ(header.String("s").value_or(""), "text");
  EXPECT_EQ(header.Unsigned("u").value_or(0), 7U);
  EXPECT_EQ(header.Number("d").value_or(0), 0.25);
  EXPECT_TRUE(header.Bool("b", false).value_or(false));
  EXPECT_EQ((*header.Array("bs", GgufType::kBool))->count, 2U);
  EXPECT_EQ(GgufElement<int16_t>(**header.Array("is", GgufType::kI16), 0), -1);
  EXPECT_EQ((*header.Array("ss", GgufType::kString))->count, 2U);
  const GgufTensor* q = header.FindTensor("q");
  ASSERT_NE(q, nullptr);
  EXPECT_EQ(q->offset - header.data_offset(), 32U);
  EXPECT_EQ(out.view()[q->offset], data[12]);
  EXPECT_EQ(out.view()[header.data_offset() + 12], std::byte{0}) << "padding is zero";
}

TEST(GgufWriter, CopiesAnyHeaderVerbatim) {
  const auto source = testing::SmallGguf();
  ASSERT_OK_AND_ASSIGN(const GgufHeader header, GgufHeader::Parse(source, source.size(), "in"));
  Collected out;
  GgufWriter writer(out.Sink());
  for (const auto& [key, value] : header.metadata()) writer.AddValue(key, value);
  for (const GgufTensor& tensor : header.tensors()) {
    ASSERT_OK(
        writer.AddTensor(tensor.name, tensor.type, std::span(tensor.dims).first(tensor.n_dims)));
  }
  ASSERT_OK(writer.Begin());
  for (const GgufTensor& tensor : header.tensors()) {
    ASSERT_OK(writer.Write(std::span(source).subspan(tensor.offset, tensor.bytes)));
  }
  ASSERT_OK(writer.Finish());
  EXPECT_EQ(out.bytes, std::string(reinterpret_cast<const char*>(source.data()), source.size()));
}

TEST(GgufWriter, RecordsItsAlignment) {
  Collected out;
  GgufWriter writer(out.Sink(), 256);
  const std::vector<uint64_t> dims = {1};
  ASSERT_OK(writer.AddTensor("a", TensorType::kF32, dims));
  ASSERT_OK(writer.AddTensor("b", TensorType::kF32, dims));
  ASSERT_OK(writer.Begin());
  ASSERT_OK(writer.Write(Counting(8)));
  ASSERT_OK(writer.Finish());
  ASSERT_OK_AND_ASSIGN(const GgufHeader header,
                       GgufHeader::Parse(out.view(), out.bytes.size(), "f"));
  EXPECT_EQ(header.alignment(), 256U);
  EXPECT_EQ(header.FindTensor("b")->offset - header.FindTensor("a")->offset, 256U);
}

TEST(GgufWriter, RefusesWhatTheReaderWouldRefuse) {
  Collected out;
  GgufWriter twice(out.Sink());
  twice.AddBool("k", true);
  twice.AddBool("k", true);
  EXPECT_ERROR(twice.Begin(), Code::kMalformed, "there twice");
  GgufWriter empty(out.Sink());
  empty.AddBool("", true);
  EXPECT_ERROR(empty.Begin(), Code::kMalformed, "is empty");
  EXPECT_TRUE(out.bytes.empty());
}

TEST(GgufWriter, RefusesShapesThatAreNone) {
  Collected out;
  GgufWriter writer(out.Sink());
  const auto add = [&](TensorType type, std::vector<uint64_t> dims) {
    return writer.AddTensor("t", type, dims);
  };
  EXPECT_ERROR(add(TensorType::kF32, {}), Code::kMalformed, "0 dimensions");
  EXPECT_ERROR(add(TensorType::kF32, {1, 1, 1, 1, 1}), Code::kMalformed, "5 dimensions");
  EXPECT_ERROR(add(TensorType::kF32, {4, 0}), Code::kMalformed, "can't be written");
  EXPECT_ERROR(add(TensorType::kQ4_K, {128}), Code::kMalformed, "multiple of 256");
  EXPECT_ERROR(add(TensorType::kF32, {uint64_t{1} << 40, uint64_t{1} << 40}), Code::kMalformed,
               "can't");
}

TEST(GgufWriter, NoticesTooLittleAndTooMuchData) {
  Collected out;
  GgufWriter writer(out.Sink());
  const std::vector<uint64_t> dims = {2};
  ASSERT_OK(writer.AddTensor("t", TensorType::kF32, dims));
  EXPECT_ERROR(writer.Write(Counting(8)), Code::kInternal, "before the header");
  EXPECT_ERROR(writer.Finish(), Code::kInternal, "before its header");
  ASSERT_OK(writer.Begin());
  ASSERT_OK(writer.Write(Counting(4)));
  EXPECT_ERROR(writer.Finish(), Code::kInternal, "tensor 't' ended at byte 4 of 8");
  EXPECT_ERROR(writer.Write(Counting(5)), Code::kInternal, "1 bytes more");
}

TEST(GgufWriter, PassesOnTheSinksError) {
  GgufWriter writer(
      [](std::span<const std::byte>) -> Result<void> { return MakeError(Code::kNoSpace, "full"); });
  EXPECT_ERROR(writer.Begin(), Code::kNoSpace, "full");
}

TEST(GgufWriter, WritesToPendingFiles) {
  const testing::TempDir folder;
  const std::string path = folder / "out.gguf";
  ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().Create(path));
  GgufWriter writer(SinkTo(*file));
  const std::vector<uint64_t> dims = {5};
  ASSERT_OK(writer.AddTensor("t", TensorType::kF32, dims));
  ASSERT_OK(writer.Begin());
  ASSERT_OK(writer.Write(Counting(20)));
  ASSERT_OK(writer.Finish());
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_OK(file->Commit());
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(path));
  ASSERT_OK_AND_ASSIGN(const GgufHeader header,
                       GgufHeader::Parse(mapping->bytes(), mapping->bytes().size(), path));
  testing::TouchHeader(header, mapping->bytes());
}

}  // namespace
}  // namespace ledge
