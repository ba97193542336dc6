#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "base/units.h"
#include "pack/format.h"
#include "pack/packed_model.h"
#include "testing/gguf_builder.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

using testing::CapturedFile;
using testing::GgufBuilder;
using testing::LlamaSource;
using testing::OsWithSource;

std::vector<std::byte> Bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

// Packs, opens, verifies, exports; the export is to be the source.
void ExpectRoundTrip(std::span<const std::byte> source) {
  ASSERT_OK_AND_ASSIGN(const auto model, testing::PackAndOpen(source));
  EXPECT_EQ(model->source_digest(), Sha256Of(source));
  EXPECT_EQ(model->source_bytes(), source.size());
  EXPECT_OK(model->Verify({}));
  CapturedFile exported;
  ASSERT_OK(model->Export(exported, {}));
  EXPECT_TRUE(std::ranges::equal(exported.bytes, source));
}

std::vector<std::string> SharedModels() {
  std::vector<std::string> paths;
  for (const char* const folder : {"data/golden", "data/models"}) {
    const auto root = testing::SharedPath(folder);
    if (!root) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(*root)) {
      if (entry.path().extension() == ".gguf") paths.push_back(entry.path().string());
    }
  }
  std::ranges::sort(paths);
  return paths;
}

TEST(Packer, GivesEverySharedModelBackBitForBit) {
  const auto paths = SharedModels();
  if (paths.empty()) GTEST_SKIP() << "needs ../shared/data, not there";
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    ExpectRoundTrip(Bytes(testing::ReadWholeFile(path)));
  }
}

TEST(Packer, GivesAVocabularyWithoutTensorsBack) {
  LEDGE_SHARED_OR_SKIP(path, "data/vocab/ggml-vocab-mistral.gguf");
  ExpectRoundTrip(Bytes(testing::ReadWholeFile(path)));
}

TEST(Packer, PacksMatricesAsPanelsAndTheRestRaw) {
  const auto source = LlamaSource().Floats("cube", {4, 3, 2}).Build();
  ASSERT_OK_AND_ASSIGN(const auto model, testing::PackAndOpen(source));
  const PackedTensor* const matrix = model->Find("blk.1.ffn_down.weight");
  ASSERT_NE(matrix, nullptr);
  EXPECT_EQ(matrix->form, TensorForm::kPanels);
  EXPECT_EQ(matrix->matrix().rows, 32U);
  EXPECT_EQ(matrix->matrix().cols, 72U);
  EXPECT_EQ(model->Find("output_norm.weight")->form, TensorForm::kRaw);
  EXPECT_EQ(model->Find("cube")->form, TensorForm::kRaw);
  EXPECT_EQ(model->Find("nothing"), nullptr);
  EXPECT_FALSE(model->tokenizer_tables().empty());
  for (const PackedTensor& tensor : model->tensors()) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data.data()) % 64, 0U) << tensor.source->name;
  }
}

// What panels hold is what the layout makes of the rows, in order.
TEST(Packer, PanelsDecodeToTheSourcesRows) {
  const auto source = LlamaSource().Build();
  ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(source, source.size(), "source"));
  ASSERT_OK_AND_ASSIGN(const auto model, testing::PackAndOpen(source));
  const GgufTensor& tensor = *header.FindTensor("token_embd.weight");
  const PanelMatrix matrix = model->Find("token_embd.weight")->matrix();
  std::vector<float> row(matrix.cols);
  for (uint32_t r = 0; r < matrix.rows; ++r) {
    FindPanelLayout(matrix.type)
        ->decode_row(matrix.data + r / kPanelRows * matrix.panel_bytes(), r % kPanelRows,
                     matrix.cols, row.data());
    EXPECT_EQ(
        std::memcmp(row.data(), source.data() + tensor.offset + r * matrix.cols * sizeof(float),
                    matrix.cols * sizeof(float)),
        0)
        << r;
  }
}

TEST(Packer, IsDeterministic) {
  const auto source = LlamaSource().Build();
  ASSERT_OK_AND_ASSIGN(const auto once, testing::PackedFileOf(source));
  ASSERT_OK_AND_ASSIGN(const auto twice, testing::PackedFileOf(source));
  EXPECT_EQ(once, twice);
}

TEST(Packer, KeepsBytesBetweenAndBehindTensors) {
  auto source = testing::SmallGguf();
  ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(source, source.size(), "source"));
  const GgufTensor& first = header.tensors()[0];
  source[first.offset + first.bytes] = std::byte{7};  // padding between two tensors
  ExpectRoundTrip(source);
  for (const char* const tail : {"x", "\1trailing"}) {
    auto longer = source;
    const auto more = Bytes(tail);
    longer.insert(longer.end(), more.begin(), more.end());
    ExpectRoundTrip(longer);
  }
}

TEST(Packer, KeepsZerosBehindTensors) {
  for (const uint64_t zeros :
       {uint64_t{1}, uint64_t{31}, kMaxDroppedGapBytes, kMaxDroppedGapBytes + 1, 5 * kMiB}) {
    auto source = testing::SmallGguf();
    source.resize(source.size() + zeros);
    ExpectRoundTrip(source);
  }
}

TEST(Packer, KeepsTensorsThatAreNotInTheListsOrder) {
  GgufBuilder builder;
  builder.String("general.architecture", "x");
  builder.Tensor({"second", 0, {8, 2}, std::string(64, '\x3e'), 64, {}});
  builder.Tensor({"first", 0, {8, 2}, std::string(64, '\x3d'), 0, {}});
  ExpectRoundTrip(builder.Build());
}

TEST(Packer, KeepsAFileWithoutAnything) { ExpectRoundTrip(GgufBuilder().Build()); }

TEST(Packer, RefusesWhatIsNoGguf) {
  for (const char* const text : {"", "GGUF", "no model at all"}) {
    EXPECT_ERROR(testing::PackAndOpen(Bytes(text)), Code::kMalformed, "/source.gguf") << text;
  }
  fault::FaultOs os;
  CapturedFile out;
  EXPECT_ERROR(PackGguf(os, "/absent.gguf", out, {}), Code::kNotFound, "absent");
}

TEST(Packer, RefusesAVocabularyThatContradictsItself) {
  const auto source = LlamaSource().Numbers<float>("tokenizer.ggml.scores", {0, 0}).Build();
  EXPECT_ERROR(testing::PackAndOpen(source), Code::kMalformed, "tokenizer.ggml.scores");
}

TEST(Packer, RefusesSpecialTokensOutsideTheVocabulary) {
  const auto source = LlamaSource().Number<uint32_t>("tokenizer.ggml.bos_token_id", 40).Build();
  EXPECT_ERROR(testing::PackAndOpen(source), Code::kMalformed, "bos_token_id");
}

TEST(Packer, KeepsAModelWhoseTokenizerIsUnknown) {
  const auto source = LlamaSource().Text("tokenizer.ggml.model", "runes").Build();
  ExpectRoundTrip(source);
  ASSERT_OK_AND_ASSIGN(const auto model, testing::PackAndOpen(source));
  EXPECT_TRUE(model->tokenizer_tables().empty());
}

struct BadBlock {
  TensorType type;
  size_t at;  // of the bytes within a block
  std::string bytes;
};

TEST(Packer, RefusesWeightsAndScalesThatAreNotFinite) {
  const std::string nan16("\x00\x7e", 2);
  const std::string inf16("\x00\xfc", 2);
  const BadBlock cases[] = {
      {TensorType::kF32, 0, std::string("\x00\x00\xc0\x7f", 4)},
      {TensorType::kF32, 0, std::string("\x00\x00\x80\xff", 4)},
      {TensorType::kF16, 0, inf16},
      {TensorType::kBF16, 0, std::string("\x80\x7f", 2)},
      {TensorType::kQ4_0, 0, nan16},
      {TensorType::kQ4_1, 0, nan16},
      {TensorType::kQ4_1, 2, inf16},
      {TensorType::kQ8_0, 0, inf16},
      {TensorType::kQ4_K, 0, nan16},
      {TensorType::kQ4_K, 2, nan16},
      {TensorType::kQ6_K, 208, nan16},
      {TensorType::kF64, 0, std::string("\x00\x00\x00\x00\x00\x00\xf0\x7f", 8)},
      {TensorType::kQ5_0, 0, nan16},
      {TensorType::kQ2_K, 82, inf16},
      {TensorType::kQ3_K, 108, nan16},
      {TensorType::kIQ1_M, 52, std::string("\x00\xf0\x00\xf0", 4)},
      {TensorType::kMXFP4, 0, std::string("\xff", 1)}};
  for (const BadBlock& bad : cases) {
    const TypeInfo& info = Info(bad.type);
    SCOPED_TRACE(info.name);
    for (const std::vector<uint64_t>& dims :
         {std::vector<uint64_t>{512}, std::vector<uint64_t>{256, 19}}) {
      const uint64_t values = dims[0] * (dims.size() > 1 ? dims[1] : 1);
      std::string data(values / info.block_values * info.block_bytes, '\0');
      GgufBuilder good;
      ExpectRoundTrip(good.Tensor("w", bad.type, dims, data).Build());
      data.replace(data.size() - info.block_bytes + bad.at, bad.bytes.size(), bad.bytes);
      GgufBuilder builder;
      EXPECT_ERROR(testing::PackAndOpen(builder.Tensor("w", bad.type, dims, data).Build()),
                   Code::kMalformed, "/source.gguf");
    }
  }
}

TEST(Packer, StopsWhenAsked) {
  const auto os = OsWithSource(LlamaSource().Build());
  ASSERT_OK_AND_ASSIGN(auto out, os->Create("/packed"));
  int calls = 0;
  const Progress stop = [&calls](uint64_t, uint64_t) { return ++calls < 5; };
  EXPECT_ERROR(PackGguf(*os, testing::kSourcePath, *out, stop), Code::kInterrupted, "stopped");
  out.reset();
  EXPECT_EQ(os->Files().size(), 1U);
}

TEST(Packer, TellsProgressUpToTheEnd) {
  const auto source = LlamaSource().Build();
  const auto os = OsWithSource(source);
  uint64_t last = 0;
  const Progress progress = [&](uint64_t done, uint64_t total) {
    EXPECT_GE(done, last);
    EXPECT_EQ(total, source.size());
    last = done;
    return true;
  };
  CapturedFile out;
  ASSERT_OK_AND_ASSIGN(const PackReport report, PackGguf(*os, testing::kSourcePath, out, progress));
  EXPECT_EQ(last, source.size());
  EXPECT_EQ(report.source_bytes, source.size());
  EXPECT_EQ(report.packed_bytes, out.bytes.size());
  EXPECT_FALSE(out.committed);
}

TEST(Packer, NoticesASourceThatChangesMeanwhile) {
  const auto source = LlamaSource().Build();
  for (const size_t size : {size_t{0}, source.size() / 2, source.size() + 1}) {
    auto changed = source;
    changed.resize(size);
    const auto os = OsWithSource(source);
    const Progress change = [&](uint64_t done, uint64_t) {
      if (done > 0) os->Put(testing::kSourcePath, testing::AsText(changed));
      return true;
    };
    CapturedFile out;
    EXPECT_ERROR(PackGguf(*os, testing::kSourcePath, out, change), Code::kMalformed, "/source.gguf")
        << size;
  }
}

TEST(Packer, PassesOnEveryFailureOfTheDisk) {
  const auto source = LlamaSource().Build();
  const auto base = OsWithSource(source);
  const auto pack = [](Os& os) -> Result<void> {
    LEDGE_TRY(auto out, os.Create("/packed"));
    LEDGE_CHECK_OK(PackGguf(os, testing::kSourcePath, *out, {}));
    return out->Commit();
  };
  const auto clean = base->Clone();
  ASSERT_OK(pack(*clean));
  for (uint64_t n = 0; n < clean->reads(); ++n) {
    const auto os = base->Clone();
    os->FailRead(n);
    EXPECT_FALSE(pack(*os).ok()) << n;
    EXPECT_EQ(os->Files().size(), 1U) << n;
  }
  for (uint64_t n = 0; n < clean->operations(); ++n) {
    const auto os = base->Clone();
    os->FailFrom(n, Code::kNoSpace);
    EXPECT_ERROR(pack(*os), Code::kNoSpace, "") << n;
  }
}

// Counts, keeps nothing.
class CountingFile final : public PendingFile {
 public:
  Result<void> WriteAt(uint64_t, std::span<const std::byte> data) override {
    largest = std::max<uint64_t>(largest, data.size());
    return {};
  }
  Result<void> Commit() override { return {}; }
  Result<void> CommitAs(const std::string&) override { return {}; }
  uint64_t largest = 0;
};

TEST(Packer, NeedsLittleMemoryWhateverTheSize) {
  const testing::TempDir folder;
  GgufBuilder builder;
  builder.Tensor({"matrix", 0, {4096, 8192}, "", 0, {}});
  const auto head = builder.Build();
  const std::string path = folder.Write("big.gguf", testing::AsText(head));
  std::filesystem::resize_file(path,
                               head.size() + 4096 * 8192 * sizeof(float));  // a hole of 128 MiB
  const uint64_t before = PosixOs().ResidentMemory().anonymous;
  uint64_t most = before;
  const Progress watch = [&most](uint64_t, uint64_t) {
    most = std::max(most, PosixOs().ResidentMemory().anonymous);
    return true;
  };
  CountingFile out;
  ASSERT_OK(PackGguf(PosixOs(), path, out, watch));
  EXPECT_LE(out.largest, 4 * kMiB);
  EXPECT_LT(most - before, 24 * kMiB);
}

TEST(Packer, CostsLessThanAHundredth) {
  GgufBuilder builder;
  const uint64_t width = 576;
  for (int i = 0; i < 30; ++i) {
    builder.Tensor("w" + std::to_string(i), TensorType::kF32, {width, width},
                   std::string(width * width * 4, '\0'));
    builder.Tensor("n" + std::to_string(i), TensorType::kF32, {width},
                   std::string(width * 4, '\0'));
  }
  const auto source = builder.Build();
  ASSERT_OK_AND_ASSIGN(const auto packed, testing::PackedFileOf(source));
  EXPECT_LE(packed.size(), source.size() + source.size() / 100);
}

TEST(PackToMemory, HoldsTheSame) {
  const auto source = LlamaSource().Build();
  const auto os = OsWithSource(source);
  ASSERT_OK_AND_ASSIGN(const auto model, PackToMemory(*os, testing::kSourcePath, {}));
  EXPECT_EQ(os->Files().size(), 1U);
  EXPECT_OK(model->Verify({}));
  EXPECT_EQ(model->source_digest(), Sha256Of(source));
  EXPECT_EQ(model->path(), testing::kSourcePath);
}

TEST(PackToMemory, HasRoomForAnyGaps) {
  auto source = testing::SmallGguf();
  ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(source, source.size(), "source"));
  for (const GgufTensor& tensor : header.tensors()) {
    if (tensor.offset + tensor.bytes < source.size())
      source[tensor.offset + tensor.bytes] = std::byte{1};
  }
  source.push_back(std::byte{1});
  const auto os = OsWithSource(source);
  ASSERT_OK_AND_ASSIGN(const auto model, PackToMemory(*os, testing::kSourcePath, {}));
  EXPECT_OK(model->Verify({}));
}

}  // namespace
}  // namespace ledge
