// The chat, on a terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "testing/program.h"
#include "testing/shared_data.h"

namespace ledge {
namespace {

using testing::Ledge;
using testing::Outcome;
using testing::Succeeded;
using testing::Terminal;

constexpr char kStories[] = "data/models/tinystories-656k/TinyStories-656K-F32.gguf";
constexpr char kInterrupt = '\x03';
constexpr char kEnd = '\x04';

class ChatTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto path = testing::SharedPath(kStories);
    if (!path) GTEST_SKIP() << "needs ../shared/" << kStories << ", not there";
    ASSERT_TRUE(Succeeded(ledge_.Run({"import", *path, "--name", "it"})));
  }
  std::unique_ptr<Terminal> Start(const testing::Arguments& more = {}) {
    testing::Arguments arguments = {"run", "it", "--threads", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto terminal = std::make_unique<Terminal>(arguments, ledge_.Env());
    EXPECT_TRUE(terminal->ok());
    EXPECT_TRUE(terminal->Expect(">>> ")) << terminal->unread();
    return terminal;
  }
  Ledge ledge_;
};

TEST_F(ChatTest, HelpsAnswersAndLeaves) {
  const auto chat = Start({"-n", "8", "--temperature", "0"});
  chat->Type("/help\n");
  ASSERT_TRUE(chat->Expect("/system")) << chat->unread();
  ASSERT_TRUE(chat->Expect(">>> "));
  chat->Type("Once upon a time\n");
  ASSERT_TRUE(chat->Expect("Once upon a time"));  // the echo
  ASSERT_TRUE(chat->Expect(">>> ")) << chat->unread();
  EXPECT_GT(chat->before().size(), 8U);
  chat->Type("/stats\n");
  ASSERT_TRUE(chat->Expect("8 tokens at")) << chat->unread();
  chat->Type("/nonsense\n");
  ASSERT_TRUE(chat->Expect("There is no /nonsense")) << chat->unread();
  ASSERT_TRUE(chat->Expect(">>> "));
  chat->Type("/exit\n");
  EXPECT_EQ(chat->Wait().status, 0);
}

// Threads spin for a moment for what comes next; then all of them sleep.
TEST_F(ChatTest, UsesNoProcessorWhileItWaits) {
  const auto chat = Start({"-n", "8", "--threads", "2"});
  chat->Type("Once upon a time\n");
  ASSERT_TRUE(chat->Expect("Once upon a time"));
  ASSERT_TRUE(chat->Expect(">>> ")) << chat->unread();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const double before = chat->CpuSeconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_GT(before, 0);
  EXPECT_LT(chat->CpuSeconds() - before, 0.02);
}

TEST_F(ChatTest, LeavesAtTheEndOfInput) {
  const auto chat = Start();
  chat->Type(std::string(1, kEnd));
  EXPECT_EQ(chat->Wait().status, 0);
}

TEST_F(ChatTest, TakesMessagesOfSeveralLines) {
  const auto chat = Start({"-n", "4"});
  chat->Type("\"\"\"first\n");
  ASSERT_TRUE(chat->Expect("... ")) << chat->unread();
  chat->Type("second\"\"\"\n");
  ASSERT_TRUE(chat->Expect(">>> ")) << chat->unread();
  chat->Type("one \\\n");
  ASSERT_TRUE(chat->Expect("... ")) << chat->unread();
  chat->Type("two\n");
  ASSERT_TRUE(chat->Expect(">>> ")) << chat->unread();
  chat->Type("/stats\n");
  EXPECT_TRUE(chat->Expect("tokens at")) << chat->unread();
}

TEST_F(ChatTest, CtrlCEndsALineAndNotTheProgram) {
  const auto chat = Start();
  chat->Type("half a mess");
  ASSERT_TRUE(chat->Expect("half a mess"));
  chat->Type(std::string(1, kInterrupt));
  ASSERT_TRUE(chat->Expect(">>> ")) << chat->unread();
  chat->Type("/exit\n");
  EXPECT_EQ(chat->Wait().status, 0);
}

TEST(Chat, CtrlCStopsAnAnswerAndNotTheProgram) {
  // Slow enough that an answer takes seconds.
  const Ledge ledge;
  const std::string model = ledge.folder() / "slow.gguf";
  ASSERT_TRUE(Succeeded(ledge.Run({"synth", "--shape", "160m", "--type", "q4_0", "-o", model})));
  Terminal chat({"run", model, "--no-store", "--threads", "1", "--logit-bias", "2=-inf"},
                ledge.Env());
  ASSERT_TRUE(chat.ok());
  ASSERT_TRUE(chat.Expect(">>> ", 60)) << chat.unread();
  chat.Type("hello\n");
  ASSERT_TRUE(chat.Expect("hello"));
  ::usleep(500'000);
  chat.Type(std::string(1, kInterrupt));
  ASSERT_TRUE(chat.Expect("(stopped)")) << chat.unread();
  ASSERT_TRUE(chat.Expect(">>> ")) << chat.unread();
  chat.Type("/exit\n");
  EXPECT_EQ(chat.Wait().status, 0);
}

}  // namespace
}  // namespace ledge
