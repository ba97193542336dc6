#include "worker/expert_limit.h"

#include <gtest/gtest.h>

#include "quant/synth.h"
#include "store/import.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

// Two layers of eight experts, packed and mapped as a worker does it.
class ExpertLimitTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(Synthesize(
        PosixOs(), {.shape = "tiny-moe", .type = "f32", .path = folder_ / "moe", .progress = {}}));
    ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(PosixOs(), folder_ / "home"));
    ASSERT_OK_AND_ASSIGN(PutRequest request, Request());
    ASSERT_OK_AND_ASSIGN(const Manifest manifest, ImportModel(PosixOs(), store, request, {}));
    ASSERT_OK_AND_ASSIGN(packed_, OpenStored(PosixOs(), store, manifest));
    ASSERT_OK_AND_ASSIGN(model_, Model::Load(packed_));
    for (const LayerSpec& layer : model_->spec().layers) {
      for (const PanelMatrix* all : {&layer.experts.gate, &layer.experts.up, &layer.experts.down})
        expert_bytes_ += all->panel_bytes() * PanelCount(all->rows);
    }
    ASSERT_GT(expert_bytes_, 8U << 20);
  }

  Result<PutRequest> Request() const {
    PutRequest request;
    LEDGE_TRY(request.name, ParseModelName("moe"));
    request.source_path = folder_ / "moe";
    return request;
  }

  // The sum of all bytes of the packed file, each page of which comes into memory by that.
  uint64_t ReadAll() const {
    uint64_t sum = 0;
    for (const std::byte byte : packed_->mapping().bytes()) sum += static_cast<uint64_t>(byte);
    return sum;
  }

  const testing::TempDir folder_;
  std::shared_ptr<const PackedModel> packed_;
  std::shared_ptr<const Model> model_;
  uint64_t expert_bytes_ = 0;
};

TEST_F(ExpertLimitTest, GivesBackExpertsBeyondTheLimitAndNothingElseChanges) {
  ASSERT_OK_AND_ASSIGN(const MappedBytes mapped, MappedBytes::Open());
  ASSERT_OK_AND_ASSIGN(MappedBytes its, MappedBytes::Open());
  const uint64_t before = mapped.Get();
  const uint64_t most = packed_->weight_bytes() - expert_bytes_ / 4;
  ExpertLimit limit(*model_, std::move(its), most);
  const uint64_t sum = ReadAll();
  EXPECT_GT(mapped.Get(), before + most);
  limit.Trim();
  EXPECT_LE(mapped.Get(), before + most);
  EXPECT_GT(mapped.Get(), before + most / 4) << "not everything";
  EXPECT_EQ(ReadAll(), sum);
}

TEST_F(ExpertLimitTest, WithinTheLimitNothingIsGivenBack) {
  ASSERT_OK_AND_ASSIGN(const MappedBytes mapped, MappedBytes::Open());
  ASSERT_OK_AND_ASSIGN(MappedBytes its, MappedBytes::Open());
  ExpertLimit limit(*model_, std::move(its), 2 * packed_->packed_bytes());
  EXPECT_GT(ReadAll(), 0U);
  const uint64_t before = mapped.Get();
  limit.Trim();
  EXPECT_GE(mapped.Get(), before);
}

TEST_F(ExpertLimitTest, LooksOnItsOwnWhileThereIsWork) {
  ASSERT_OK_AND_ASSIGN(const MappedBytes mapped, MappedBytes::Open());
  ASSERT_OK_AND_ASSIGN(MappedBytes its, MappedBytes::Open());
  const uint64_t most = mapped.Get() + packed_->weight_bytes() - expert_bytes_ / 4;
  ExpertLimit limit(*model_, std::move(its), packed_->weight_bytes() - expert_bytes_ / 4);
  EXPECT_GT(ReadAll(), 0U);
  ASSERT_GT(mapped.Get(), most);
  limit.Begin();
  for (int tries = 0; tries < 3000 && mapped.Get() > most; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_LE(mapped.Get(), most);
  limit.End();
}

}  // namespace
}  // namespace ledge
