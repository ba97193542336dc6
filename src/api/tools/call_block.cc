#include "api/tools/call_block.h"

#include <algorithm>
#include <optional>

#include "api/tools/call_format.h"

namespace ledge {
namespace {

size_t SkipSpace(std::string_view text, size_t at) {
  return std::min(text.find_first_not_of(kJsonSpace, at), text.size());
}

// Behind the string that begins at `at`; nothing while it is not whole.
std::optional<size_t> StringEnd(std::string_view text, size_t at) {
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::nullopt;
}

// An object of a call up to the brace of its arguments.
struct Head {
  enum class Kind { kMore, kFound, kOther };
  Kind kind = Kind::kMore;
  std::string name;
  size_t bytes = 0;  // in front of the brace
};

Head ReadHead(std::string_view text) {
  Head head;
  const auto other = [] { return Head{.kind = Head::Kind::kOther}; };
  for (size_t at = 1;; ++at) {
    if ((at = SkipSpace(text, at)) == text.size()) return head;
    if (text[at] != '"') return other();
    const auto key_end = StringEnd(text, at);
    if (!key_end) return head;
    const std::string_view key = text.substr(at + 1, *key_end - at - 2);
    if ((at = SkipSpace(text, *key_end)) == text.size()) return head;
    if (text[at] != ':') return other();
    if ((at = SkipSpace(text, at + 1)) == text.size()) return head;
    if (key == "arguments" || key == "parameters") {
      if (head.name.empty() || text[at] != '{') return other();
      head.kind = Head::Kind::kFound;
      head.bytes = at;
      return head;
    }
    if (text[at] == '"') {
      const auto end = StringEnd(text, at);
      if (!end) return head;
      const std::string_view value = text.substr(at + 1, *end - at - 2);
      if (key == "name" || (key == "tool_name" && head.name.empty())) {
        if (value.find('\\') != value.npos) return other();
        head.name = value;
      }
      at = *end;
    } else {
      const size_t end = text.find_first_of(" \t\r\n,}", at);
      if (end == text.npos) return head;
      if (!IsJsonScalar(text.substr(at, end - at))) return other();
      at = end;
    }
    if ((at = SkipSpace(text, at)) == text.size()) return head;
    if (text[at] != ',') return other();
  }
}

}  // namespace

CallStep CallBlock::Next(std::string_view text, bool end) {
  // What one state has nothing to say about the next one may.
  for (State before = State::kDone; before != state_;) {
    before = state_;
    CallStep step;
    switch (state_) {
      case State::kElement:
        step = Element(text, end);
        break;
      case State::kArguments:
        step = Arguments(text);
        break;
      case State::kBroken:
        step = Broken(text, end);
        break;
      case State::kTail:
        step = Tail(text, end);
        break;
      case State::kBetween:
        step = Between(text, end);
        break;
      case State::kDone:
        break;
    }
    if (step.bytes() > 0 || done()) return step;
  }
  return {};
}

CallStep CallBlock::Element(std::string_view text, bool end) {
  size_t at = SkipSpace(text, told_ ? 0 : shape_.open);
  const auto wait = [&] { return end ? NoCall(text.size()) : CallStep{}; };
  if (told_ && at < text.size() && (text[at] == ',' || text[at] == ';'))
    at = SkipSpace(text, at + 1);
  if (at == text.size()) return wait();
  if (!shape_.name.empty()) {
    if (!shape_.close.empty() && text.substr(at).starts_with(shape_.close)) {
      told_ = true;
      Done();
      return {.dropped = at + shape_.close.size(), .calls = {{shape_.name, "{}"}}};
    }
    if (text[at] == '{') return Begin(text, at, shape_.name, 0, end);
    return !shape_.close.empty() && shape_.close.starts_with(text.substr(at)) ? wait() : NoCall(at);
  }
  bool array = array_;
  if (!told_ && text[at] == '[') {
    array = true;
    if ((at = SkipSpace(text, at + 1)) == text.size()) return wait();
  }
  if (text[at] != '{') return NoCall(at);
  const Head head = ReadHead(text.substr(at));
  if (head.kind == Head::Kind::kMore) return wait();
  CallStep step = head.kind == Head::Kind::kFound ? Begin(text, at, head.name, head.bytes, end)
                                                  : Whole(text, at, end);
  if (step.bytes() > 0 && !done()) array_ = array;
  return step;
}

// The arguments' brace stands `head` bytes behind `at`.
CallStep CallBlock::Begin(std::string_view text, size_t at, std::string name, size_t head,
                          bool end) {
  const auto& names = shape_.names;
  if (names != nullptr && std::ranges::find(*names, name) == names->end()) return NoCall(at + 1);
  JsonProgress progress;
  progress.Feed(text.substr(at + head));
  if (progress.state() == JsonProgress::State::kMalformed && !progress.certain())
    return Whole(text, at, end);
  if (!progress.certain()) return end ? NoCall(text.size()) : CallStep{};
  told_ = true;
  ignored_ = name == shape_.ignored;
  state_ = State::kArguments;
  arguments_ = {};
  CallStep step = Arguments(text.substr(at + head));
  step.dropped += at + head;
  if (!ignored_) step.begins = std::move(name);
  return step;
}

CallStep CallBlock::Whole(std::string_view text, size_t at, bool end) {
  const auto length = JsonLength(text.substr(at));
  if (!length) return end ? NoCall(text.size()) : CallStep{};
  auto calls = shape_.name.empty() ? CallsOfJson(text.substr(at, *length), shape_.names)
                                   : std::vector<WrittenCall>();
  if (calls.empty()) return NoCall(at + *length);
  std::erase_if(calls, [this](const WrittenCall& call) { return call.name == shape_.ignored; });
  told_ = true;
  state_ = State::kBetween;
  return {.dropped = at + *length, .calls = std::move(calls)};
}

// Behind calls the rest is for others to read.
CallStep CallBlock::NoCall(size_t content) {
  state_ = State::kDone;
  if (told_) return {};
  return {.content = content};
}

CallStep CallBlock::Arguments(std::string_view text) {
  const size_t bytes = arguments_.Feed(text);
  CallStep step;
  (ignored_ ? step.dropped : step.arguments) = bytes;
  if (arguments_.state() == JsonProgress::State::kMalformed) state_ = State::kBroken;
  if (arguments_.state() == JsonProgress::State::kDone) {
    step.ends = !ignored_;
    state_ = shape_.name.empty() ? State::kTail : State::kBetween;
  }
  return step;
}

// Arguments that turned out to be no JSON, to the end of the block.
CallStep CallBlock::Broken(std::string_view text, bool end) {
  const size_t bytes = shape_.close.empty() ? text.size() : BytesBefore(text, shape_.close, end);
  if (bytes > 0) return {.arguments = bytes};
  if (!text.starts_with(shape_.close)) return {};
  Done();
  return {.dropped = shape_.close.size(), .ends = true};
}

// Behind the arguments of an object: what else it has says nothing.
CallStep CallBlock::Tail(std::string_view text, bool end) {
  const size_t at = SkipSpace(text, 0);
  if (at == text.size()) return end ? CallStep{.dropped = at} : CallStep{};
  if (text[at] == ',') {
    // As if all that is behind it were an object, to find that one's end.
    const auto length = JsonLength("{" + std::string(text.substr(at)));
    if (!length) return end ? CallStep{.dropped = text.size()} : CallStep{};
    state_ = State::kBetween;
    return {.dropped = at + *length - 1};
  }
  state_ = State::kBetween;
  return {.dropped = text[at] == '}' ? at + 1 : 0};
}

CallStep CallBlock::Between(std::string_view text, bool end) {
  const size_t at = SkipSpace(text, 0);
  const auto wait = [&] { return end ? Done() : CallStep{}; };
  if (at == text.size()) return wait();
  if (array_) {
    if (text[at] == ']') {
      array_ = false;
      closed_ = true;
      return {.dropped = at + 1};
    }
    if (text[at] != ',') return Done();
    state_ = State::kElement;
    return {};
  }
  if (!shape_.close.empty()) {
    size_t mark = at;
    if (text.substr(mark).starts_with(shape_.fence))
      mark = SkipSpace(text, at + shape_.fence.size());
    const std::string_view rest = text.substr(mark);
    if (rest.starts_with(shape_.close)) {
      Done();
      return {.dropped = mark + shape_.close.size()};
    }
    if (shape_.close.starts_with(rest) || shape_.fence.starts_with(text.substr(at))) {
      if (!end) return {};
      Done();
      return {.dropped = text.size()};
    }
  }
  if (closed_ || !shape_.name.empty()) return Done();
  // Several objects behind one another, with semicolons between them or nothing.
  const size_t next = text[at] == ';' ? SkipSpace(text, at + 1) : at;
  if (next == text.size()) return wait();
  if (text[next] != '{') return Done();
  state_ = State::kElement;
  return {};
}

}  // namespace ledge
