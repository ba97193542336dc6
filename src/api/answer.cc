#include "api/answer.h"

namespace ledge {
namespace {

class PlainReader : public AnswerReader {
 public:
  std::vector<AnswerPart> Feed(std::string_view text) override {
    if (text.empty()) return {};
    return {{.content = std::string(text)}};
  }
  std::vector<AnswerPart> Finish() override { return {}; }
};

std::vector<AnswerPart> Told(AnswerPart part) {
  if (part.empty()) return {};
  return {std::move(part)};
}

class ReasoningReader : public AnswerReader {
 public:
  explicit ReasoningReader(bool thinking) : state_(thinking ? State::kThinking : State::kBegin) {}

  std::vector<AnswerPart> Feed(std::string_view text) override {
    held_ += text;
    AnswerPart part;
    if (state_ == State::kBegin) Begin();
    if (state_ == State::kThinking) Think(part);
    if (state_ == State::kSaying) {
      if (trim_) {
        const size_t begin = held_.find_first_not_of("\r\n");
        held_.erase(0, begin);
        trim_ = held_.empty();
      }
      part.content = std::move(held_);
      held_.clear();
    }
    return Told(std::move(part));
  }

  std::vector<AnswerPart> Finish() override {
    AnswerPart part;
    (state_ == State::kThinking ? part.reasoning : part.content) = std::move(held_);
    held_.clear();
    return Told(std::move(part));
  }

 private:
  static constexpr std::string_view kOpen = "<think>";
  static constexpr std::string_view kClose = "</think>";
  enum class State { kBegin, kThinking, kSaying };

  void Begin() {
    const size_t begin = held_.find_first_not_of(" \r\n");
    if (begin == held_.npos) return;  // it may yet come
    const std::string_view rest = std::string_view(held_).substr(begin);
    if (rest.starts_with(kOpen)) {
      held_.erase(0, begin + kOpen.size());
      state_ = State::kThinking;
    } else if (!kOpen.starts_with(rest)) {
      state_ = State::kSaying;
    }
  }

  void Think(AnswerPart& part) {
    const size_t end = held_.find(kClose);
    if (end != held_.npos) {
      part.reasoning = held_.substr(0, end);
      held_.erase(0, end + kClose.size());
      state_ = State::kSaying;
      trim_ = true;
      return;
    }
    // Held back is what could become the end mark.
    size_t keep = std::min(held_.size(), kClose.size() - 1);
    while (keep > 0 && !kClose.starts_with(std::string_view(held_).substr(held_.size() - keep)))
      --keep;
    part.reasoning = held_.substr(0, held_.size() - keep);
    held_.erase(0, held_.size() - keep);
  }

  State state_;
  bool trim_ = false;
  std::string held_;
};

}  // namespace

std::unique_ptr<AnswerReader> MakePlainReader() { return std::make_unique<PlainReader>(); }
std::unique_ptr<AnswerReader> MakeReasoningReader(bool thinking) {
  return std::make_unique<ReasoningReader>(thinking);
}

}  // namespace ledge
