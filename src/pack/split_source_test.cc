#include "pack/split_source.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pack/packer.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/split_files.h"

namespace ledge {
namespace {

using testing::CapturedFile;
using testing::LlamaSource;
using testing::SplitPart;
using testing::SplitPiece;

constexpr char kAny[] = "/m-00002-of-00003.gguf";

class SplitTest : public ::testing::Test {
 protected:
  SplitTest() {
    count_ = GgufHeader::Parse(source_, source_.size(), "whole")->tensors().size();
    const auto promised = static_cast<int32_t>(count_);
    Put(0, {0, 0, 0, 3, promised, true});
    Put(1, {0, 5, 1, 3, promised, false});
    Put(2, {5, count_, 2, 3, promised, false});
  }
  void Put(uint32_t index, const SplitPiece& piece) {
    os_.Put("/m-0000" + std::to_string(index + 1) + "-of-00003.gguf", SplitPart(source_, piece));
  }
  Result<void> Pack(CapturedFile& out, const std::string& path = kAny) {
    const Progress progress;  // outlives the packer
    LEDGE_TRY(Packer packer, Packer::Open(os_, path, progress));
    LEDGE_CHECK_OK(packer.Plan());
    LEDGE_TRY(const PackReport report, packer.Run(out));
    static_cast<void>(report);
    return {};
  }
  void ExpectRefused(Code code, std::string_view message, const std::string& path = kAny) {
    CapturedFile out;
    EXPECT_ERROR(Pack(out, path), code, message);
  }

  fault::FaultOs os_;
  std::vector<std::byte> source_ = LlamaSource().Build();
  size_t count_ = 0;
};

TEST_F(SplitTest, AnyPartGivesTheFileThatWasSplit) {
  const std::string whole = SplitPart(source_, {0, count_, 0, 0, 0, true});
  for (const char* path :
       {"/m-00001-of-00003.gguf", "/m-00002-of-00003.gguf", "/m-00003-of-00003.gguf"}) {
    CapturedFile packed;
    ASSERT_OK(Pack(packed, path));
    ASSERT_OK_AND_ASSIGN(const auto model, testing::OpenPacked(packed.bytes));
    EXPECT_OK(model->Verify({}));
    CapturedFile exported;
    ASSERT_OK(model->Export(exported, {}));
    EXPECT_EQ(testing::AsText(exported.bytes), whole) << path;
  }
}

TEST_F(SplitTest, NamesAMissingPart) {
  ASSERT_OK(os_.Remove("/m-00003-of-00003.gguf"));
  ExpectRefused(Code::kNotFound, "/m-00003-of-00003.gguf: is missing; the model is in 3 parts");
}

TEST_F(SplitTest, RefusesPartsInAnotherOrderOrNumber) {
  const auto promised = static_cast<int32_t>(count_);
  Put(2, {5, count_, 1, 3, promised, false});
  ExpectRefused(Code::kMalformed, "'split.no' is 1; by the file's name it should be 2");
  Put(2, {5, count_, 2, 4, promised, false});
  ExpectRefused(Code::kMalformed, "'split.count' is 4; by the file's name it should be 3");
  Put(2, {5, count_, 2, 0, promised, false});
  ExpectRefused(Code::kMalformed, "'split.no' is missing");
}

TEST_F(SplitTest, RefusesATensorInTwoPartsOrInNone) {
  const auto promised = static_cast<int32_t>(count_);
  Put(1, {0, 6, 1, 3, promised, false});
  ExpectRefused(Code::kMalformed, "is also in /m-00002-of-00003.gguf; it should be in one part");
  Put(1, {0, 4, 1, 3, promised, false});
  ExpectRefused(Code::kMalformed, "'split.tensors.count' is " + std::to_string(count_));
  Put(1, {0, 5, 1, 3, -1, false});
  ExpectRefused(Code::kMalformed, "'split.tensors.count' is -1");
}

TEST_F(SplitTest, RefusesAPartUnderAnotherName) {
  os_.Put("/odd.gguf", SplitPart(source_, {0, 5, 1, 3, 5, true}));
  ExpectRefused(Code::kMalformed, "/odd.gguf: is one of several parts", "/odd.gguf");
}

TEST_F(SplitTest, RefusesADamagedPart) {
  os_.Put("/m-00003-of-00003.gguf", "GGUF");
  ExpectRefused(Code::kMalformed, "/m-00003-of-00003.gguf");
}

TEST_F(SplitTest, ItsStampShowsAChangeOfAnyPart) {
  const auto before = SplitStamp(os_, kAny);
  ASSERT_TRUE(before);
  EXPECT_EQ(SplitStamp(os_, "/m-00003-of-00003.gguf"), before);
  os_.Put("/m-00003-of-00003.gguf", "GGUF");
  EXPECT_NE(SplitStamp(os_, kAny), before);
  EXPECT_FALSE(SplitStamp(os_, "/m.gguf"));
  ASSERT_OK(os_.Remove("/m-00001-of-00003.gguf"));
  EXPECT_FALSE(SplitStamp(os_, kAny));
}

}  // namespace
}  // namespace ledge
