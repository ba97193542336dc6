#include "os/mapped_bytes.h"

#include <gtest/gtest.h>

#include "os/os.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

TEST(MappedBytes, CountsWhatWasTouchedUntilItIsGivenBack) {
  constexpr uint64_t kBytes = 32 << 20;
  const testing::TempDir folder;
  const std::string path = folder.Write("file", std::string(kBytes, 'x'));
  ASSERT_OK_AND_ASSIGN(const MappedBytes mapped, MappedBytes::Open());
  ASSERT_OK_AND_ASSIGN(const auto mapping, PosixOs().Map(path));
  const uint64_t before = mapped.Get();
  EXPECT_GT(before, 0U);
  uint64_t sum = 0;
  for (uint64_t at = 0; at < kBytes; at += 4096) sum += static_cast<uint64_t>(mapping->bytes()[at]);
  EXPECT_EQ(sum, kBytes / 4096 * 'x');
  EXPECT_GE(mapped.Get(), before + kBytes / 4 * 3);
  mapping->Advise(0, kBytes, Mapping::Advice::kDontNeed);
  EXPECT_LE(mapped.Get(), before + kBytes / 4);
  EXPECT_EQ(mapping->bytes()[kBytes - 1], std::byte{'x'}) << "only the memory is given back";
}

}  // namespace
}  // namespace ledge
