#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/units.h"
#include "pack/format.h"
#include "pack/packed_model.h"
#include "pack/plan.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using testing::LlamaSource;
using testing::OpenPacked;

// A packed file of some kilobytes with tables, both forms, a filled-up panel and a gap.
std::vector<std::byte> SmallPacked() {
  testing::LlamaSourceShape shape;
  shape.width = 8;
  shape.head_dim = 2;
  shape.feed_forward = 12;
  shape.layers = 1;
  auto source = LlamaSource(shape).Build();
  source.insert(source.end(), 5, std::byte{9});
  return testing::PackedFileOf(source).value_or({});
}

PackFileHeader HeaderOf(std::span<const std::byte> packed) {
  PackFileHeader header;
  std::memcpy(&header, packed.data(), sizeof(header));
  return header;
}

// Puts a header in and makes its digest right, as somebody would who wants to be believed.
void Seal(std::vector<std::byte>& packed, PackFileHeader header) {
  const PackSection at = header.directory;
  const bool inside = at.offset <= packed.size() && at.bytes <= packed.size() - at.offset;
  header.digest = PackDigest(header, inside ? std::span(packed).subspan(at.offset, at.bytes)
                                            : std::span<const std::byte>());
  std::memcpy(packed.data(), &header, sizeof(header));
}

// Opened or refused, but nothing worse; what was opened can be read.
void ExpectHarmless(std::span<const std::byte> packed) {
  const auto model = OpenPacked(packed);
  if (!model.ok()) {
    EXPECT_TRUE(model.error().code == Code::kMalformed || model.error().code == Code::kUnsupported)
        << model.error().message;
    return;
  }
  for (const PackedTensor& tensor : (*model)->tensors()) {
    EXPECT_GE(tensor.data.data(), (*model)->mapping().bytes().data());
    EXPECT_LE(tensor.data.data() + tensor.data.size(),
              (*model)->mapping().bytes().data() + packed.size());
  }
  (void)(*model)->Verify({});
}

TEST(PackedModel, SaysWhatItHolds) {
  const auto packed = SmallPacked();
  ASSERT_FALSE(packed.empty());
  ASSERT_OK_AND_ASSIGN(const auto model, OpenPacked(packed));
  EXPECT_EQ(model->packed_bytes(), packed.size());
  EXPECT_EQ(model->header().tensors().size(), model->tensors().size());
  uint64_t bytes = 0;
  for (const PackedTensor& tensor : model->tensors()) bytes += tensor.data.size();
  EXPECT_EQ(model->weight_bytes(), bytes);
  EXPECT_FALSE(model->damaged());
}

TEST(PackedModel, NoticesEveryFlippedByte) {
  const auto packed = SmallPacked();
  ASSERT_OK_AND_ASSIGN(const auto model, OpenPacked(packed));
  ASSERT_OK(model->Verify({}));
  for (size_t i = 0; i < packed.size(); ++i) {
    auto flipped = packed;
    flipped[i] ^= std::byte{0x41};
    const auto opened = OpenPacked(flipped);
    EXPECT_FALSE(opened.ok() && (*opened)->Verify({}).ok()) << "byte " << i;
  }
}

TEST(PackedModel, RefusesAFileCutAtAnyLength) {
  const auto packed = SmallPacked();
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_ERROR(OpenPacked(std::span(packed).first(size)), Code::kMalformed, "packed") << size;
  }
}

TEST(PackedModel, RefusesALongerFile) {
  auto packed = SmallPacked();
  packed.push_back(std::byte{0});
  fault::FaultOs os;
  os.Put("/model", testing::AsText(packed));
  EXPECT_ERROR(PackedModel::Open(os, "/model"), Code::kMalformed, "header says");
  packed.pop_back();
  os.Put("/model", testing::AsText(packed));
  ASSERT_OK_AND_ASSIGN(const auto model, PackedModel::Open(os, "/model"));
  EXPECT_EQ(model->path(), "/model");
}

TEST(PackedModel, SaysWhyItRefuses) {
  const auto packed = SmallPacked();
  auto other = packed;
  other[0] = std::byte{'X'};
  EXPECT_ERROR(OpenPacked(other), Code::kMalformed, "is no packed model");
  other = packed;
  PackFileHeader header = HeaderOf(packed);
  header.layout_version = kPackLayoutVersion + 1;
  Seal(other, header);
  EXPECT_ERROR(OpenPacked(other), Code::kUnsupported,
               fmt::format("layout version {}", kPackLayoutVersion + 1));
  other = packed;
  other[HeaderOf(packed).directory.offset] ^= std::byte{1};
  EXPECT_ERROR(OpenPacked(other), Code::kMalformed, "digest differs");
}

TEST(PackedModel, SurvivesAnyNumberInASealedHeader) {
  const auto packed = SmallPacked();
  const uint64_t values[] = {0,
                             1,
                             24,
                             64,
                             packed.size(),
                             packed.size() * 2,
                             uint64_t{1} << 32,
                             uint64_t{1} << 63,
                             UINT64_MAX - 63,
                             UINT64_MAX};
  for (size_t at = 8; at < offsetof(PackFileHeader, digest); at += 4) {
    for (const uint64_t value : values) {
      PackFileHeader header = HeaderOf(packed);
      std::memcpy(reinterpret_cast<std::byte*>(&header) + at, &value,
                  std::min<size_t>(8, offsetof(PackFileHeader, digest) - at));
      auto other = packed;
      Seal(other, header);
      ExpectHarmless(other);
    }
  }
}

TEST(PackedModel, RefusesFieldsItDoesNotKnow) {
  auto packed = SmallPacked();
  PackFileHeader header = HeaderOf(packed);
  header.unused[3] = 1;
  Seal(packed, header);
  EXPECT_ERROR(OpenPacked(packed), Code::kMalformed, "fields that should be 0");
}

TEST(PackedModel, SurvivesAnyNumberInASealedDirectory) {
  const auto packed = SmallPacked();
  const PackFileHeader header = HeaderOf(packed);
  const uint64_t values[] = {0, 1, 2, 64, 128, header.weights.bytes, UINT64_MAX - 63, UINT64_MAX};
  for (uint64_t at = 0; at + 8 <= header.directory.bytes; at += 8) {
    for (const uint64_t value : values) {
      auto other = packed;
      std::memcpy(other.data() + header.directory.offset + at, &value, sizeof(value));
      Seal(other, header);
      ExpectHarmless(other);
    }
  }
}

TEST(PackedModel, SurvivesAnyNumberInTheGapList) {
  const auto packed = SmallPacked();
  const PackFileHeader header = HeaderOf(packed);
  ASSERT_EQ(header.gap_list.bytes, 2 * sizeof(PackGapEntry));
  for (uint64_t at = 0; at + 8 <= header.gap_list.bytes; at += 8) {
    for (const uint64_t value :
         {uint64_t{0}, uint64_t{4}, uint64_t{6}, UINT64_MAX, uint64_t{1} << 63}) {
      auto other = packed;
      std::memcpy(other.data() + header.gap_list.offset + at, &value, sizeof(value));
      ExpectHarmless(other);
    }
  }
}

TEST(PackedModel, ExportRefusesWhatIsDamaged) {
  auto packed = SmallPacked();
  packed[HeaderOf(packed).weights.offset] ^= std::byte{1};
  ASSERT_OK_AND_ASSIGN(const auto model, OpenPacked(packed));
  testing::CapturedFile out;
  EXPECT_ERROR(model->Export(out, {}), Code::kVerification, "SHA-256");
}

TEST(PackedModel, ExportAndVerifyStopWhenAsked) {
  ASSERT_OK_AND_ASSIGN(const auto model, OpenPacked(SmallPacked()));
  const Progress stop = [](uint64_t, uint64_t) { return false; };
  testing::CapturedFile out;
  EXPECT_ERROR(model->Export(out, stop), Code::kInterrupted, "stopped");
  EXPECT_ERROR(model->Verify(stop), Code::kInterrupted, "stopped");
}

// Places depend on the source alone: no page size is asked for anywhere, and big things lie on
// boundaries that suit pages of any size where that is cheap.
TEST(PackPlan, AlignsWithoutAskingForThePageSize) {
  testing::GgufBuilder builder;
  builder.Tensor({"a", 0, {1024, 1024}, "", 0, {}});
  builder.Tensor({"b", 0, {3}, "", uint64_t{4} << 20, {}});
  builder.Tensor({"c", 0, {4096, 1 << 20}, "", (uint64_t{4} << 20) + 32, {}});
  const auto bytes = builder.Build();
  const uint64_t size = bytes.size() + (uint64_t{4} << 20) + 32 + (uint64_t{16} << 30);
  ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(bytes, size, "source"));
  ASSERT_OK_AND_ASSIGN(const PackPlan plan, PlanPack(header, size, 1000));
  EXPECT_EQ(plan.weights.offset % (2 * kMiB), 0U);
  EXPECT_EQ(plan.entries[0].offset, 0U);
  EXPECT_EQ(plan.entries[1].offset, 4 * kMiB);
  EXPECT_EQ(plan.entries[2].offset, 4 * kMiB + 4 * kKiB);
  EXPECT_GE(plan.most_bytes, plan.weights.offset + plan.weights.bytes);
}

TEST(PackPlan, LeavesOddShapesRaw) {
  GgufTensor tensor;
  tensor.n_dims = 2;
  tensor.dims = {32, 32, 1, 1};
  EXPECT_EQ(FormOf(tensor), TensorForm::kPanels);
  tensor.dims = {kMaxPanelCols + 32, 32, 1, 1};
  EXPECT_EQ(FormOf(tensor), TensorForm::kRaw);
  tensor.dims = {32, kMaxPanelMatrixRows + 1, 1, 1};
  EXPECT_EQ(FormOf(tensor), TensorForm::kRaw);
  tensor.dims = {32, 4, 4, 1};
  tensor.n_dims = 3;
  EXPECT_EQ(FormOf(tensor), TensorForm::kRaw);
  tensor.dims = {256, 4, 1, 1};
  tensor.n_dims = 2;
  tensor.type = TensorType::kI8;
  EXPECT_EQ(FormOf(tensor), TensorForm::kRaw);
}

}  // namespace
}  // namespace ledge
