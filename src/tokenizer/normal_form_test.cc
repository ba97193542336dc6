#include "tokenizer/normal_form.h"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include <cstdlib>
#include <random>

#include "base/utf8.h"

namespace ledge {
namespace {

std::string Normalized(NormalForm form, std::string_view text) {
  std::string out;
  AppendNormalized(form, text, out);
  return out;
}

struct Example {
  const char* text;
  const char* nfc;
  const char* nfd;
  const char* nfkc;
  const char* nfkd;
};

// From the annex' figures and the charts.
constexpr Example kExamples[] = {
    {"plain", "plain", "plain", "plain", "plain"},
    {"\u00e9", "\u00e9", "e\u0301", "\u00e9", "e\u0301"},
    {"e\u0301", "\u00e9", "e\u0301", "\u00e9", "e\u0301"},
    {"caf\u00e9 e\u0301", "caf\u00e9 \u00e9", "cafe\u0301 e\u0301", "caf\u00e9 \u00e9",
     "cafe\u0301 e\u0301"},
    {"\u212b", "\u00c5", "A\u030a", "\u00c5", "A\u030a"},
    {"\ufb01 \u2460", "\ufb01 \u2460", "\ufb01 \u2460", "fi 1", "fi 1"},
    {"q\u0307\u0323", "q\u0323\u0307", "q\u0323\u0307", "q\u0323\u0307", "q\u0323\u0307"},
    {"\u1e9b\u0323", "\u1e9b\u0323", "\u017f\u0323\u0307", "\u1e69", "s\u0323\u0307"},
    {"\u1100\u1161\u11a8", "\uac01", "\u1100\u1161\u11a8", "\uac01", "\u1100\u1161\u11a8"},
    {"\uac01\u1100", "\uac01\u1100", "\u1100\u1161\u11a8\u1100", "\uac01\u1100",
     "\u1100\u1161\u11a8\u1100"},
    {"\u0301a", "\u0301a", "\u0301a", "\u0301a", "\u0301a"},
    {"\u0958", "\u0915\u093c", "\u0915\u093c", "\u0915\u093c", "\u0915\u093c"},
    {"\u09c7\u09be", "\u09cb", "\u09c7\u09be", "\u09cb", "\u09c7\u09be"},
};

TEST(NormalForm, IsWhatTheAnnexSays) {
  for (const Example& example : kExamples) {
    SCOPED_TRACE(example.text);
    EXPECT_EQ(Normalized(NormalForm::kNfc, example.text), example.nfc);
    EXPECT_EQ(Normalized(NormalForm::kNfd, example.text), example.nfd);
    EXPECT_EQ(Normalized(NormalForm::kNfkc, example.text), example.nfkc);
    EXPECT_EQ(Normalized(NormalForm::kNfkd, example.text), example.nfkd);
    EXPECT_EQ(Normalized(NormalForm::kNone, example.text), example.text);
  }
}

// Whole texts at once, by the library's own function.
TEST(NormalForm, IsWhatTheLibraryMakesOfWholeTexts) {
  constexpr std::pair<NormalForm, utf8proc_uint8_t* (*)(const utf8proc_uint8_t*)> kForms[] = {
      {NormalForm::kNfc, &utf8proc_NFC},
      {NormalForm::kNfd, &utf8proc_NFD},
      {NormalForm::kNfkc, &utf8proc_NFKC},
      {NormalForm::kNfkd, &utf8proc_NFKD}};
  constexpr std::pair<uint32_t, uint32_t> kBlocks[] = {
      {0x20, 0x7E},     {0xA0, 0x24F},    {0x300, 0x36F},   {0x590, 0x65F},
      {0x900, 0x9FF},   {0xB3E, 0xB57},   {0x1100, 0x11FF}, {0x1DC0, 0x1EFF},
      {0x3040, 0x30FF}, {0xAC00, 0xAC80}, {0xF900, 0xFAFF}, {0x1D160, 0x1D164}};
  std::mt19937 random(3);
  for (int text_number = 0; text_number < 2000; ++text_number) {
    std::string text;
    for (uint32_t i = 0; i < 1 + random() % 24; ++i) {
      const auto& [first, last] = kBlocks[random() % std::size(kBlocks)];
      Utf8Append(text, static_cast<char32_t>(first + random() % (last - first + 1)));
    }
    for (const auto& [form, whole] : kForms) {
      utf8proc_uint8_t* const made = whole(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str()));
      ASSERT_NE(made, nullptr);
      EXPECT_EQ(Normalized(form, text), reinterpret_cast<const char*>(made));
      std::free(made);
    }
  }
}

TEST(NormalForm, LeavesBytesThatAreNoText) {
  EXPECT_EQ(Normalized(NormalForm::kNfc, "e\xFF\u0301"), "e\xFF\u0301");
  EXPECT_EQ(Normalized(NormalForm::kNfd, "\xC3"), "\xC3");
  EXPECT_EQ(Normalized(NormalForm::kNfd, "\xC3\u00e9\x80"),
            "\xC3"
            "e\u0301\x80");
}

// Sorting a run of marks must not take the square of its length.
TEST(NormalForm, EndlessMarksEnd) {
  std::string text = "a";
  for (int i = 0; i < 500'000; ++i) text += i % 2 == 0 ? "\u0307" : "\u0323";
  const std::string made = Normalized(NormalForm::kNfd, text);
  EXPECT_EQ(made.size(), text.size());
  EXPECT_EQ(made.substr(0, 5), "a\u0323\u0323");
}

TEST(NormalForm, SeesWhatCannotChange) {
  EXPECT_TRUE(IsSurelyNormal(NormalForm::kNone, "e\u0301"));
  EXPECT_TRUE(IsSurelyNormal(NormalForm::kNfc, "caf\u00e9"));
  EXPECT_FALSE(IsSurelyNormal(NormalForm::kNfd, "caf\u00e9"));
  EXPECT_FALSE(IsSurelyNormal(NormalForm::kNfc, "e\u0301"));
  EXPECT_TRUE(IsSurelyNormal(NormalForm::kNfkd, "plain"));
}

TEST(NormalForm, HasANameInFiles) {
  for (const NormalForm form : {NormalForm::kNone, NormalForm::kNfc, NormalForm::kNfd,
                                NormalForm::kNfkc, NormalForm::kNfkd}) {
    EXPECT_EQ(NormalFormByName(NormalFormName(form)), form);
  }
  EXPECT_FALSE(NormalFormByName("NFC"));
  EXPECT_FALSE(NormalFormByName(""));
}

}  // namespace
}  // namespace ledge
