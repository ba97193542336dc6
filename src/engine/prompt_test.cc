#include "engine/prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "testing/result_matchers.h"
#include "testing/shared_data.h"
#include "testing/tokenizers.h"

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;

class ChatPrompts : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = testing::MakeTokenizer(testing::SmallBpe().vocab);
    ASSERT_OK(made);
    tokenizer_ = std::make_unique<testing::BuiltTokenizer>(*std::move(made));
  }
  Thinking ThinkingOf(const std::string& source, const std::string& said,
                      const Json& variables = Json::object()) {
    auto parsed = ChatTemplate::Parse(source, "test");
    EXPECT_OK(parsed);
    const Json messages = {{{"role", "user"}, {"content", said}}};
    auto prompt = PromptFromConversation(*parsed, tokenizer_->tokenizer,
                                         {.messages = &messages, .variables = &variables});
    EXPECT_OK(prompt);
    return prompt.ok() ? prompt->thinking : Thinking::kNone;
  }

  std::unique_ptr<testing::BuiltTokenizer> tokenizer_;
};

TEST_F(ChatPrompts, TellFromTheirEndWhetherTheModelThinks) {
  const std::string said = "{{ messages[0].content }}";
  EXPECT_EQ(ThinkingOf(said, "a"), Thinking::kNone);
  EXPECT_EQ(ThinkingOf(said + "<think>\n", "a"), Thinking::kBegun);
  EXPECT_EQ(ThinkingOf(said + "<think></think>\n\n", "a"), Thinking::kNone);
  EXPECT_EQ(ThinkingOf(said + "{# </think> #}\n", "a"), Thinking::kMayBegin);
  // What a user writes is no mark.
  EXPECT_EQ(ThinkingOf(said, "<think>"), Thinking::kNone);
  EXPECT_EQ(ThinkingOf("<thi" + said, "nk>"), Thinking::kNone);
  const std::string as_qwen3 =
      "{{ messages[0].content.split('</think>')[-1] }}{% if enable_thinking is defined and "
      "enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}";
  EXPECT_EQ(ThinkingOf(as_qwen3, "a"), Thinking::kMayBegin);
  EXPECT_EQ(ThinkingOf(as_qwen3, "a", {{"enable_thinking", false}}), Thinking::kNone);
}

constexpr char kNoSystem[] =
    "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('no turns') }}{% endif %}{{ m.role[0] }}"
    "{% if m.content is string %}{{ m.content }}{% else %}"
    "{% for p in m.content %}{{ p.text }}{% endfor %}{% endif %}{% endfor %}";

// The text of the prompt, or of the error.
std::string PromptOf(const Tokenizer& tokenizer, const Json& messages) {
  auto parsed = ChatTemplate::Parse(kNoSystem, "test");
  EXPECT_OK(parsed);
  const auto prompt = PromptFromConversation(*parsed, tokenizer, {.messages = &messages});
  return prompt.ok() ? tokenizer.Decode(prompt->tokens).value_or("") : prompt.error().message;
}

TEST_F(ChatPrompts, PutARefusedSystemMessageInFrontOfWhatTheUserSays) {
  const Tokenizer& tokenizer = tokenizer_->tokenizer;
  const Json user = {{"role", "user"}, {"content", "b"}};
  const Json system = {{"role", "system"}, {"content", "a"}};
  EXPECT_EQ(PromptOf(tokenizer, Json::array({user})), "ub");
  EXPECT_EQ(PromptOf(tokenizer, {system, user}), "ua\n\nb");
  EXPECT_EQ(PromptOf(tokenizer, {system, system, user}), "ua\n\na\n\nb");
  EXPECT_EQ(PromptOf(tokenizer, Json::array({system})), "ua");
  const Json parts = Json::array({{{"type", "text"}, {"text", "b"}}});
  EXPECT_EQ(PromptOf(tokenizer, {system, {{"role", "user"}, {"content", parts}}}), "ua\n\nb");
  const Json assistant = {{"role", "assistant"}, {"content", "c"}};
  EXPECT_EQ(PromptOf(tokenizer, {system, assistant, user}), "uaacub");
}

TEST_F(ChatPrompts, AreRefusedAsTheTemplateSaysWhereThatDoesNotHelp) {
  const Tokenizer& tokenizer = tokenizer_->tokenizer;
  const Json user = {{"role", "user"}, {"content", "b"}};
  EXPECT_THAT(PromptOf(tokenizer, {user, user}), ::testing::HasSubstr("no turns"));
  EXPECT_THAT(PromptOf(tokenizer, {{{"role", "system"}, {"content", "a"}}, user, user}),
              ::testing::HasSubstr("no system"));
}

TEST_F(ChatPrompts, OfKnownTemplatesBeginToThinkWhereTheseDo) {
  for (const auto& [name, thinking] :
       {std::pair{"llama-cpp-deepseek-r1", Thinking::kBegun},
        std::pair{"deepseek-ai-DeepSeek-R1-Distill-Llama-8B", Thinking::kBegun},
        std::pair{"Qwen-Qwen2.5-7B-Instruct", Thinking::kNone},
        std::pair{"meta-llama-Llama-3.2-3B-Instruct", Thinking::kNone}}) {
    LEDGE_SHARED_OR_SKIP(path, "data/templates/" + std::string(name) + ".jinja");
    std::ifstream file(path);
    const std::string source(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(ThinkingOf(source, "Hello"), thinking) << name;
  }
}

}  // namespace
}  // namespace ledge
