#include "worker/message.h"

#include <gtest/gtest.h>

#include "worker/cbor_shape.h"
#include "worker/frame.h"

namespace ledge {
namespace {

Ask FullAsk() {
  Ask ask{.kind = AskKind::kTokens};
  ask.messages = "[]";
  ask.text = std::string("\xff\0x", 3);  // any bytes
  ask.tokens = {1, 2, 3};
  ask.sampling.temperature = 0.5f;
  ask.sampling.logit_bias = {{7, -1.5f}};
  ask.sampling.seed = UINT64_MAX;
  ask.stop = {"a", "b"};
  ask.max_tokens = 9;
  ask.client = "key-1";
  ask.priority = -1;
  ask.grammar = {.kind = GrammarKind::kGbnf, .text = "root ::= [\xC3\xA9]"};
  ask.tool_names = {"f"};
  ask.forced_call = true;
  ask.deadline = std::chrono::milliseconds(5);
  return ask;
}

TEST(Messages, FrontMessagesComeBackAsTheyWere) {
  const std::vector<FrontMessage> sent = {ledge::Setup{.home = "/h", .model = "m"}, Grant{5},
                                          SubmitAsk{4, FullAsk()}, CancelAsk{4}};
  const auto got = DecodeFront(Encode(sent));
  ASSERT_TRUE(got.ok()) << got.error().message;
  ASSERT_EQ(got->size(), sent.size());
  const Ask& ask = std::get<SubmitAsk>((*got)[2]).ask;
  EXPECT_EQ(ask.text, FullAsk().text);
  EXPECT_EQ(ask.tokens, FullAsk().tokens);
  EXPECT_EQ(ask.sampling.logit_bias, FullAsk().sampling.logit_bias);
  EXPECT_EQ(ask.sampling.seed, UINT64_MAX);
  EXPECT_EQ(ask.max_tokens, FullAsk().max_tokens);
  EXPECT_EQ(ask.priority, -1);
  EXPECT_EQ(ask.grammar, FullAsk().grammar);
  EXPECT_EQ(ask.tool_names, FullAsk().tool_names);
  EXPECT_EQ(Encode(*got), Encode(sent));
}

TEST(Messages, WorkerMessagesComeBackAsTheyWere) {
  AskPiece piece{
      .text = "x", .ids = {1}, .logprobs = {{1, "\xf0", -0.5f}}, .top = {{{2, "b", -1}}}};
  AskEnd end{.finish = AskFinish::kLength, .stop_string = "s"};
  end.embedding = {0.25f, -1};
  const std::vector<WorkerMessage> sent = {Described{.weights_bytes = 1, .guesses = {"a", "b"}},
                                           SetupFailed{{Code::kNotFound, "no"}},
                                           Note{"n"},
                                           Ready{},
                                           Started{1, {.prompt_tokens = 2, .thinking = true}},
                                           Piece{1, piece},
                                           Ended{1, end},
                                           Refused{1, {Code::kUsage, "why"}, true, 5},
                                           Numbers{.steps = 3}};
  const auto got = DecodeWorker(Encode(sent));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(Encode(*got), Encode(sent));
  EXPECT_EQ(std::get<Described>((*got)[0]).guesses, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(std::get<Piece>((*got)[5]).piece.logprobs[0].bytes, "\xf0");
  EXPECT_TRUE(std::get<Started>((*got)[4]).started.thinking);
  EXPECT_EQ(std::get<Refused>((*got)[7]).retry_after, 5u);
  EXPECT_TRUE(std::get<Refused>((*got)[7]).too_long);
  EXPECT_EQ(std::get<Ended>((*got)[6]).end.embedding, end.embedding);
}

TEST(Messages, RefusesEveryCutAndEveryFlip) {
  const std::string good = Encode(std::vector<FrontMessage>{SubmitAsk{4, FullAsk()}});
  for (size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(DecodeFront(std::string_view(good).substr(0, i)).ok());
    for (const int bit : {1, 32, 128}) {
      std::string flipped = good;
      flipped[i] = static_cast<char>(flipped[i] ^ bit);
      static_cast<void>(DecodeFront(flipped));  // anything but a crash
    }
  }
}

TEST(CborShape, RefusesWhatWouldRecurseOrAllocate) {
  EXPECT_FALSE(CheckCborShape(std::string(100, '\x81') + '\0').ok());         // nested arrays
  EXPECT_FALSE(CheckCborShape("\x9b\xff\xff\xff\xff\xff\xff\xff\xff").ok());  // 2^64 - 1 items
  EXPECT_FALSE(CheckCborShape("\x9f\xff").ok());                              // indefinite
  EXPECT_FALSE(CheckCborShape("\xc1\x01").ok());                              // a tag
  EXPECT_FALSE(CheckCborShape("\x7b\xff\xff\xff\xff\xff\xff\xff\xff").ok());  // a text without end
  EXPECT_FALSE(CheckCborShape("").ok());
  EXPECT_FALSE(CheckCborShape("\x01\x01").ok());
  EXPECT_TRUE(CheckCborShape("\x82\x01\x61x").ok());
}

TEST(Frames, ComeWholeHoweverTheBytesAreCut) {
  const std::string bytes =
      *EncodeFrame("hello") + *EncodeFrame("") + *EncodeFrame(std::string(300, 'x'));
  for (const size_t step : {size_t{1}, size_t{3}, bytes.size()}) {
    FrameReader reader;
    std::vector<std::string> got;
    for (size_t at = 0; at < bytes.size(); at += step) {
      reader.Feed(std::string_view(bytes).substr(at, step));
      for (auto payload = reader.Next(); *payload; payload = reader.Next())
        got.push_back(**payload);
    }
    EXPECT_EQ(got, (std::vector<std::string>{"hello", "", std::string(300, 'x')}));
  }
}

TEST(Frames, RefusesAHugeLengthAtOnce) {
  FrameReader reader;
  reader.Feed("\xff\xff\xff\x7f");
  EXPECT_FALSE(reader.Next().ok());
}

}  // namespace
}  // namespace ledge
