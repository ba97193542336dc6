#include "cli/chat.h"

#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/units.h"
#include "base/utf8.h"
#include "cli/interrupt.h"
#include "cli/line_editor.h"
#include "cli/terminal_text.h"

namespace ledge {
namespace {

constexpr std::string_view kFence = "\"\"\"";
constexpr size_t kMaxMessageBytes = 1 << 20;
constexpr std::string_view kHelp =
    "  /help           this list\n"
    "  /clear          forget the conversation\n"
    "  /system TEXT    set the system message and begin anew\n"
    "  /stats          tokens and speed of the last answer\n"
    "  /exit           leave (or Ctrl-D)\n"
    "  \"\"\"             begins and ends a message of several lines; a line's last \\ goes on, "
    "too\n"
    "  Ctrl-C          stops an answer\n";

class ChatLoop {
 public:
  ChatLoop(Program& program, Engine& engine, const Tokenizer& tokenizer, const ChatSetup& setup)
      : program_(program), engine_(engine), tokenizer_(tokenizer), setup_(setup) {}

  Result<void> Run() {
    SetSystem(setup_.system.value_or(""));
    Say("Type a message; /help lists commands, Ctrl-D leaves.\n");
    std::string message;
    while (ReadMessage(message)) {
      if (message.find_first_not_of(" \t\n") == std::string::npos) continue;
      editor_.Remember(message);
      if (message[0] == '/') {
        if (!Obey(message)) return {};
        continue;
      }
      LEDGE_CHECK_OK(AnswerTo(message));
    }
    Say("\n");
    return {};
  }

 private:
  void Say(std::string_view text) { program_.Print(text); }

  void SetSystem(const std::string& text) {
    messages_ = Json::array();
    if (!text.empty()) messages_.push_back({{"role", "system"}, {"content", Utf8Sanitized(text)}});
    kept_ = messages_.size();
  }

  // False at the end of input. An interrupted line is an empty message.
  bool ReadMessage(std::string& message) {
    message.clear();
    bool fenced = false;
    while (message.size() <= kMaxMessageBytes) {
      std::string line;
      const auto outcome = editor_.Read(message.empty() && !fenced ? ">>> " : "... ", line);
      if (outcome == LineEditor::Outcome::kEnd) return false;
      if (outcome == LineEditor::Outcome::kInterrupted) {
        Say("\n(Ctrl-D or /exit leaves)\n");
        message.clear();
        return true;
      }
      if (!fenced && message.empty() && line.starts_with(kFence)) {
        fenced = true;
        line.erase(0, kFence.size());
      }
      if (fenced && line.ends_with(kFence)) {
        message += line.substr(0, line.size() - kFence.size());
        return true;
      }
      const bool goes_on = fenced || line.ends_with('\\');
      if (!fenced && goes_on) line.pop_back();
      message += line;
      if (!goes_on) return true;
      message += '\n';
    }
    return true;
  }

  // False to leave.
  bool Obey(const std::string& line) {
    const size_t space = line.find(' ');
    const std::string command = line.substr(0, space);
    if (command == "/exit" || command == "/bye" || command == "/quit") return false;
    if (command == "/help" || command == "/?") {
      Say(kHelp);
    } else if (command == "/clear") {
      messages_.erase(messages_.begin() + static_cast<ptrdiff_t>(kept_), messages_.end());
      Say("The conversation is forgotten.\n");
    } else if (command == "/system") {
      SetSystem(space == std::string::npos ? "" : line.substr(space + 1));
      Say("A new conversation begins.\n");
    } else if (command == "/stats") {
      Say(stats_.empty() ? "No answer yet.\n" : stats_);
    } else {
      Say("There is no " + PrintableLine(command, 40) + "; /help lists what there is.\n");
    }
    return true;
  }

  // The prompt for all messages; the oldest turns go while it is too long.
  Result<std::vector<Token>> FittingPrompt() {
    const uint32_t context = engine_.context();
    while (true) {
      LEDGE_TRY(ChatPrompt made,
                PromptFromConversation(setup_.chat_template, tokenizer_,
                                       {.messages = &messages_, .variables = &setup_.variables}));
      std::vector<Token>& prompt = made.tokens;
      if (prompt.size() < context) return std::move(prompt);
      if (messages_.size() - kept_ < 3) {
        return MakeError(Code::kUsage,
                         "the message has {} tokens, the context {}; a larger --ctx takes more",
                         prompt.size(), context);
      }
      messages_.erase(messages_.begin() + static_cast<ptrdiff_t>(kept_),
                      messages_.begin() + static_cast<ptrdiff_t>(kept_) + 2);
      Say("(the context is full: the oldest turn is left out)\n");
    }
  }

  // Errors that concern one message are shown; the conversation goes on without it.
  Result<void> AnswerTo(const std::string& message) {
    messages_.push_back({{"role", "user"}, {"content", Utf8Sanitized(message)}});
    auto answer = Ask();
    if (answer.ok()) {
      messages_.push_back({{"role", "assistant"}, {"content", answer->text}});
      Remember(*answer);
      return {};
    }
    messages_.erase(messages_.end() - 1);
    if (answer.error().code == Code::kIo || answer.error().code == Code::kInternal)
      return std::move(answer).error();
    Say(PrintableLine(answer.error().message) + "\n");
    return {};
  }

  Result<Answer> Ask() {
    LEDGE_TRY(Request request, setup_.options.ToRequest(program_.os(), -1));
    LEDGE_TRY(request.prompt, FittingPrompt());
    StopFlag stop;
    const InterruptGuard guard(stop);
    const TerminalText safe(true);
    LEDGE_TRY(Answer answer, Generate(engine_, std::move(request), stop,
                                      [&](std::string_view text) { Say(safe.Pass(text)); }));
    if (answer.finish == FinishReason::kCancelled) Say(" (stopped)");
    if (answer.finish == FinishReason::kContext) Say(" (the context is full)");
    if (answer.timings.dropped_tokens > 0)
      Say(fmt::format("\n({} older tokens did not fit into the context any more)",
                      answer.timings.dropped_tokens));
    Say("\n\n");
    return answer;
  }

  void Remember(const Answer& answer) {
    const RequestTimings& t = answer.timings;
    const double seconds = std::chrono::duration<double>(t.total - t.to_first_token).count();
    const double rate =
        t.completion_tokens > 1 && seconds > 0 ? (t.completion_tokens - 1) / seconds : 0;
    stats_ = fmt::format(
        "{} prompt tokens ({} of them cached), {} to the first token, {} tokens at {:.1f} a "
        "second\n",
        t.prompt_tokens, t.cached_tokens, FormatDuration(t.to_first_token), t.completion_tokens,
        rate);
  }

  Program& program_;
  Engine& engine_;
  const Tokenizer& tokenizer_;
  const ChatSetup& setup_;
  LineEditor editor_;
  Json messages_;
  size_t kept_ = 0;  // messages at the front that are not part of the history
  std::string stats_;
};

}  // namespace

Result<void> Chat(Program& program, Engine& engine, const Tokenizer& tokenizer,
                  const ChatSetup& setup) {
  return ChatLoop(program, engine, tokenizer, setup).Run();
}

}  // namespace ledge
