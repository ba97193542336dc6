// The fixture of tests that hold texts to grammars: a small byte-level vocabulary and its tree.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string_view>

#include "testing/grammar_texts.h"
#include "testing/result_matchers.h"
#include "testing/tokenizers.h"

namespace ledge::testing {

class GrammarTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = MakeTokenizer(JsonVocabulary().vocab);
    ASSERT_OK(made);
    built_ = std::make_unique<BuiltTokenizer>(*std::move(made));
    texts_ = std::make_unique<GrammarTexts>(built_->tokenizer);
  }
  const Tokenizer& tokenizer() const { return built_->tokenizer; }
  const GrammarTexts& texts() const { return *texts_; }
  // Whether the text is one of the grammar's, which must be one.
  bool Takes(const GrammarSpec& spec, std::string_view text) const {
    const auto matching = texts_->Compiled(spec);
    EXPECT_OK(matching) << spec.text;
    return matching.ok() && GrammarTexts::Takes(*matching, text);
  }

 private:
  std::unique_ptr<BuiltTokenizer> built_;
  std::unique_ptr<GrammarTexts> texts_;
};

}  // namespace ledge::testing
