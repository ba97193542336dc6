// The reader of answers that may hold calls: reasoning first, then what the format makes of the
// rest.
#include <fmt/format.h>

#include <functional>
#include <utility>

#include "api/tools/call_format.h"
#include "api/tools/tool_format.h"

namespace ledge {
namespace {

// Nine letters and digits: what the strictest templates (Mistral's) take.
std::string IdOf(const std::string& salt, size_t index) {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  uint64_t number = std::hash<std::string>()(fmt::format("{} {}", salt, index));
  std::string id;
  for (int i = 0; i < 9; ++i) {
    id += kDigits[number % kDigits.size()];
    number /= kDigits.size();
  }
  return id;
}

class CallReader : public AnswerReader {
 public:
  CallReader(std::unique_ptr<CallFormat> format, ToolReading reading)
      : format_(std::move(format)),
        reasoning_(MakeReasoningReader(reading.thinking)),
        salt_(std::move(reading.salt)),
        one_call_(reading.one_call) {}

  std::vector<AnswerPart> Feed(std::string_view text) override {
    Take(reasoning_->Feed(text));
    Read(false);
    return std::exchange(parts_, {});
  }
  std::vector<AnswerPart> Finish() override {
    Take(reasoning_->Finish());
    Read(true);
    Say(held_);
    held_.clear();
    if (running_) {
      Call().broken = true;
      End();
    }
    if (calls_ == 0 && !space_.empty()) Content() += space_;
    return std::exchange(parts_, {});
  }

 private:
  void Take(std::vector<AnswerPart> thought) {
    for (AnswerPart& part : thought) {
      if (!part.reasoning.empty()) Reasoning() += part.reasoning;
      held_ += part.content;
    }
  }

  void Read(bool end) {
    size_t at = 0;
    while (at < held_.size() && !full()) {
      const std::string_view rest = std::string_view(held_).substr(at);
      const CallStep step = format_->Next(rest, begin_, end);
      if (step.bytes() == 0) break;
      begin_ = false;
      Say(rest.substr(0, step.content));
      if (step.reasoning > 0) Reasoning() += rest.substr(step.content, step.reasoning);
      at += step.bytes();
      for (const WrittenCall& call : step.calls) {
        if (full()) break;
        Begin(call.name);
        Call().arguments += call.arguments;
        End();
      }
      if (!step.begins.empty()) Begin(step.begins);
      if (step.arguments > 0)
        Call().arguments += rest.substr(step.bytes() - step.arguments, step.arguments);
      if (step.ends) End();
    }
    held_.erase(0, full() ? held_.size() : at);
  }

  bool full() const { return one_call_ && calls_ > 0 && !running_; }

  void Begin(const std::string& name) {
    running_ = true;
    ++calls_;
    space_.clear();
    CallPart& call = Call();
    call.id = IdOf(salt_, call.index);
    call.name = name;
  }
  void End() {
    Call().ended = true;
    running_ = false;
  }

  // White space in front of calls, and behind them, says nothing.
  void Say(std::string_view text) {
    space_ += text;
    const size_t last = space_.find_last_not_of(" \r\n\t");
    if (last == space_.npos) return;
    Content() += space_.substr(0, last + 1);
    space_.erase(0, last + 1);
  }

  // Where more of each kind is told: what is in front of it stays in front.
  std::string& Reasoning() {
    if (parts_.empty() || !parts_.back().content.empty() || !parts_.back().calls.empty())
      parts_.emplace_back();
    return parts_.back().reasoning;
  }
  std::string& Content() {
    if (parts_.empty() || !parts_.back().calls.empty()) parts_.emplace_back();
    return parts_.back().content;
  }
  CallPart& Call() {
    if (parts_.empty()) parts_.emplace_back();
    auto& calls = parts_.back().calls;
    if (calls.empty() || calls.back().index + 1 != calls_) calls.push_back({.index = calls_ - 1});
    return calls.back();
  }

  std::unique_ptr<CallFormat> format_;
  std::unique_ptr<AnswerReader> reasoning_;
  std::string salt_;
  bool one_call_;
  std::string held_;
  bool begin_ = true;
  std::string space_;              // not told yet
  size_t calls_ = 0;               // that have begun
  bool running_ = false;           // the last of them has not ended
  std::vector<AnswerPart> parts_;  // to be told
};

std::unique_ptr<CallFormat> FormatOf(ToolFormat format, std::vector<std::string> names) {
  switch (format) {
    case ToolFormat::kHermes:
      return MakeHermesFormat();
    case ToolFormat::kLlama3:
      return MakeLlama3Format(std::move(names));
    case ToolFormat::kMistral:
      return MakeMistralFormat();
    case ToolFormat::kFunctionary31:
      return MakeFunctionary31Format();
    case ToolFormat::kFunctionary32:
      return MakeFunctionary32Format(std::move(names));
    case ToolFormat::kFirefunction:
      return MakeFirefunctionFormat();
    case ToolFormat::kCommandR:
      return MakeCommandRFormat();
    case ToolFormat::kCommandR7b:
      return MakeCommandR7bFormat();
    case ToolFormat::kDeepSeek:
      return MakeDeepSeekFormat();
    case ToolFormat::kGeneric:
    case ToolFormat::kForced:
      return MakeGenericFormat(std::move(names));
    case ToolFormat::kNone:
      break;
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<AnswerReader> MakeToolReader(ToolFormat format, ToolReading reading) {
  auto calls = FormatOf(format, std::move(reading.names));
  if (calls == nullptr) return MakeReasoningReader(reading.thinking);
  return std::make_unique<CallReader>(std::move(calls), std::move(reading));
}

}  // namespace ledge
