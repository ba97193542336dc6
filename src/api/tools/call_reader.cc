// The reader of answers that may hold calls: reasoning first, then what the format makes of the
// rest.
#include <fmt/format.h>

#include <functional>

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
  CallReader(std::unique_ptr<CallFormat> format, std::string salt)
      : format_(std::move(format)), salt_(std::move(salt)) {}

  AnswerPart Feed(std::string_view text) override {
    AnswerPart part = reasoning_->Feed(text);
    held_ += std::move(part.content);
    part.content.clear();
    Read(false, part);
    return part;
  }
  AnswerPart Finish() override {
    AnswerPart part = reasoning_->Finish();
    held_ += std::move(part.content);
    part.content.clear();
    Read(true, part);
    Say(held_, part);
    held_.clear();
    if (calls_ == 0) part.content += space_;
    return part;
  }

 private:
  void Read(bool end, AnswerPart& part) {
    size_t at = 0;
    while (at < held_.size()) {
      const std::string_view rest = std::string_view(held_).substr(at);
      const CallStep step = format_->Next(rest, begin_, end);
      const size_t bytes = step.content + step.reasoning + step.dropped;
      if (bytes == 0) break;
      begin_ = false;
      Say(rest.substr(0, step.content), part);
      part.reasoning += rest.substr(step.content, step.reasoning);
      for (const WrittenCall& call : step.calls)
        part.tool_calls.push_back({IdOf(salt_, calls_++), call.name, call.arguments});
      if (!step.calls.empty()) space_.clear();
      at += bytes;
    }
    held_.erase(0, at);
  }

  // White space in front of calls, and behind them, says nothing.
  void Say(std::string_view text, AnswerPart& part) {
    space_ += text;
    const size_t last = space_.find_last_not_of(" \r\n\t");
    if (last == space_.npos) return;
    part.content += space_.substr(0, last + 1);
    space_.erase(0, last + 1);
  }

  std::unique_ptr<CallFormat> format_;
  std::unique_ptr<AnswerReader> reasoning_ = MakeReasoningReader();
  std::string salt_;
  std::string held_;
  bool begin_ = true;
  std::string space_;  // not told yet
  size_t calls_ = 0;
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

std::unique_ptr<AnswerReader> MakeToolReader(ToolFormat format, ToolNames tools) {
  auto calls = FormatOf(format, std::move(tools.names));
  if (calls == nullptr) return MakeReasoningReader();
  return std::make_unique<CallReader>(std::move(calls), std::move(tools.salt));
}

}  // namespace ledge
