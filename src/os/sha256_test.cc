#include "os/sha256.h"

#include <gtest/gtest.h>

#include <string>

#include "testing/result_matchers.h"
#include "testing/temp_dir.h"

namespace ledge {
namespace {

constexpr char kEmpty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr char kAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
// FIPS 180-4's long example: a million times "a".
constexpr char kMillionA[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(Sha256Of("").ToHex(), kEmpty);
  EXPECT_EQ(Sha256Of("abc").ToHex(), kAbc);
  EXPECT_EQ(Sha256Of(std::string(1'000'000, 'a')).ToHex(), kMillionA);
}

TEST(Sha256, PiecesGiveTheSameAndFinishBeginsAnew) {
  Sha256 hash;
  const std::string piece(1000, 'a');
  for (int i = 0; i < 1000; ++i) hash.Update(std::as_bytes(std::span(piece)));
  EXPECT_EQ(hash.Finish().ToHex(), kMillionA);
  EXPECT_EQ(hash.Finish().ToHex(), kEmpty);
}

TEST(Sha256, OfAFileReadsToItsEnd) {
  const testing::TempDir folder;
  const std::string path = folder.Write("f", std::string(3'000'001, 'x'));
  ASSERT_OK_AND_ASSIGN(const auto file, PosixOs().Open(path));
  ASSERT_OK_AND_ASSIGN(const Digest digest, Sha256OfFile(*file));
  EXPECT_EQ(digest, Sha256Of(std::string(3'000'001, 'x')));
}

TEST(Digest, HexComesBack) {
  ASSERT_OK_AND_ASSIGN(const Digest digest, Digest::FromHex(kAbc));
  EXPECT_EQ(digest, Sha256Of("abc"));
  EXPECT_EQ(
      Digest::FromHex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD").value(),
      digest);
}

TEST(Digest, RefusesWhatIsNot64HexDigits) {
  const std::string good = kAbc;
  for (const std::string& text : {std::string(), good.substr(1), good + "0", "g" + good.substr(1),
                                  good.substr(1) + "/", std::string("sha256:") + good}) {
    EXPECT_ERROR(Digest::FromHex(text), Code::kMalformed, "64 hexadecimal digits");
  }
}

}  // namespace
}  // namespace ledge
