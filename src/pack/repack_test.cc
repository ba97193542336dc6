#include <gtest/gtest.h>

#include "pack/packer.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using testing::AsOlderLayout;
using testing::CapturedFile;
using testing::LlamaSource;
using testing::OpenPacked;
using testing::PackedFileOf;

// With matrices as panels and raw, and bytes behind the tensors that are kept.
std::vector<std::byte> Source() {
  std::vector<std::byte> source =
      LlamaSource().Tensor("extra", TensorType::kI8, {32, 3}, std::string(96, '\x11')).Build();
  source.resize(source.size() + 100, std::byte{7});
  return source;
}

Result<std::vector<std::byte>> Repack(std::span<const std::byte> packed, const Progress& progress) {
  LEDGE_TRY(auto old, OpenPacked(packed, PackLayouts::kAnyKnown));
  LEDGE_TRY(Packer packer, Packer::Reopen(std::move(old), progress));
  LEDGE_CHECK_OK(packer.Plan());
  CapturedFile out;
  LEDGE_CHECK_OK(packer.Run(out));
  return std::move(out.bytes);
}

class OlderLayout : public ::testing::TestWithParam<uint32_t> {};

TEST_P(OlderLayout, IsReadForItsSourceAlone) {
  const auto source = Source();
  ASSERT_OK_AND_ASSIGN(const auto packed, PackedFileOf(source));
  const auto old = AsOlderLayout(packed, GetParam());
  EXPECT_ERROR(OpenPacked(old), Code::kUnsupported, fmt::format("layout version {}", GetParam()));
  ASSERT_OK_AND_ASSIGN(const auto model, OpenPacked(old, PackLayouts::kAnyKnown));
  EXPECT_EQ(model->layout_version(), GetParam());
  EXPECT_TRUE(model->tokenizer_tables().empty());
  EXPECT_OK(model->Verify({}));
  CapturedFile exported;
  ASSERT_OK(model->Export(exported, {}));
  EXPECT_EQ(exported.bytes, source);
}

TEST_P(OlderLayout, PackedAgainIsWhatTheSourcePacksTo) {
  ASSERT_OK_AND_ASSIGN(const auto packed, PackedFileOf(Source()));
  ASSERT_OK_AND_ASSIGN(const auto again, Repack(AsOlderLayout(packed, GetParam()), {}));
  EXPECT_EQ(again, packed);
  ASSERT_OK_AND_ASSIGN(const auto model, OpenPacked(again));
  EXPECT_EQ(model->layout_version(), kPackLayoutVersion);
  EXPECT_FALSE(model->tokenizer_tables().empty());
}

TEST_P(OlderLayout, ThatIsDamagedIsNotPackedAgain) {
  ASSERT_OK_AND_ASSIGN(const auto packed, PackedFileOf(Source()));
  const auto old = AsOlderLayout(packed, GetParam());
  ASSERT_OK_AND_ASSIGN(const auto model, OpenPacked(old, PackLayouts::kAnyKnown));
  for (const PackedTensor& tensor : model->tensors()) {
    auto damaged = old;
    const auto at = tensor.data.data() - model->mapping().bytes().data();
    damaged[static_cast<size_t>(at)] ^= std::byte{1};
    const auto again = Repack(damaged, {});
    ASSERT_FALSE(again.ok()) << tensor.source->name;
    EXPECT_EQ(again.error().code, Code::kVerification) << again.error().message;
  }
}

TEST_P(OlderLayout, StopsWhenAsked) {
  ASSERT_OK_AND_ASSIGN(const auto packed, PackedFileOf(Source()));
  int left = 5;
  EXPECT_ERROR(
      Repack(AsOlderLayout(packed, GetParam()), [&](uint64_t, uint64_t) { return --left > 0; }),
      Code::kInterrupted, "stopped");
}

INSTANTIATE_TEST_SUITE_P(All, OlderLayout,
                         ::testing::Range(kOldestPackLayoutVersion, kPackLayoutVersion),
                         [](const auto& test) { return fmt::format("Version{}", test.param); });

}  // namespace
}  // namespace ledge
