#include "cli/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace ledge {
namespace {

const std::vector<std::string> kKnown = {"threads", "ctx",   "kv-type", "temperature",
                                         "top-k",   "top-p", ""};

TEST(Nearest, FindsSlips) {
  EXPECT_EQ(Nearest("thread", kKnown), "threads");
  EXPECT_EQ(Nearest("therads", kKnown), "threads");
  EXPECT_EQ(Nearest("temprature", kKnown), "temperature");
  EXPECT_EQ(Nearest("kv_type", kKnown), "kv-type");
  EXPECT_EQ(Nearest("cxt", kKnown), "ctx");
  EXPECT_EQ(Nearest("top-k", kKnown), "top-k");
  EXPECT_EQ(Nearest("cx", kKnown), "ctx");
}

TEST(Nearest, GuessesNothingForOtherWords) {
  for (const char* word : {"", "x", "banana", "quota", "seed"})
    EXPECT_EQ(Nearest(word, kKnown), "") << word;
  EXPECT_EQ(Nearest(std::string(100'000, 't'), kKnown), "");
  EXPECT_EQ(Nearest("threads", {}), "");
}

TEST(DidYouMean, IsPartOfAMessage) {
  EXPECT_EQ(DidYouMean("thread", kKnown), ", did you mean 'threads'?");
  EXPECT_EQ(DidYouMean("banana", kKnown), "");
}

}  // namespace
}  // namespace ledge
