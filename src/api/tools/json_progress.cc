#include "api/tools/json_progress.h"

namespace ledge {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// How many digits stand at the front.
size_t Digits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  return count;
}

bool IsJsonNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t whole = Digits(text);
  if (whole == 0 || (whole > 1 && text[0] == '0')) return false;
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    const size_t part = Digits(text.substr(1));
    if (part == 0) return false;
    text.remove_prefix(1 + part);
  }
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && Digits(text) == text.size();
}

}  // namespace

bool IsJsonScalar(std::string_view text) {
  return text == "true" || text == "false" || text == "null" || IsJsonNumber(text);
}

size_t JsonProgress::Feed(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (state_ != State::kGoesOn) return i;
    if (!Take(text[i])) {
      state_ = State::kMalformed;
      return i;
    }
  }
  return text.size();
}

bool JsonProgress::Take(char c) {
  if (string_) return TakeInString(c);
  if (!scalar_.empty()) {
    const bool part =
        IsDigit(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '+' || c == '-' || c == 'E';
    if (part) {
      scalar_ += c;
      return scalar_.size() <= kMaxScalarBytes;
    }
    if (!EndScalar()) return false;
  }
  if (IsSpace(c)) return expects_ != Expects::kObject;
  switch (expects_) {
    case Expects::kObject:
      if (c != '{') return false;
      open_ = c;
      expects_ = Expects::kKeyOrEnd;
      return true;
    case Expects::kKeyOrEnd:
    case Expects::kKey:
      if (c == '}' && expects_ == Expects::kKeyOrEnd) return Close(c);
      string_ = key_ = c == '"';
      return string_;
    case Expects::kColon:
      expects_ = Expects::kValue;
      return c == ':';
    case Expects::kValueOrEnd:
      if (c == ']') return Close(c);
      return Begin(c);
    case Expects::kValue:
      return Begin(c);
    case Expects::kCommaOrEnd:
      if (c != ',') return Close(c);
      expects_ = open_.back() == '{' ? Expects::kKey : Expects::kValue;
      return true;
  }
  return false;
}

bool JsonProgress::TakeInString(char c) {
  if (escaped_ == 1) {
    escaped_ = c == 'u' ? 4 + 1 : 0;
    return c == 'u' || std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
  }
  if (escaped_ > 1) {
    if (--escaped_ == 1) escaped_ = 0;
    return IsHex(c);
  }
  if (c == '\\') {
    escaped_ = 1;
  } else if (c == '"') {
    string_ = false;
    if (key_) {
      expects_ = Expects::kColon;
    } else {
      EndValue();
    }
  }
  return static_cast<unsigned char>(c) >= 0x20;
}

bool JsonProgress::Begin(char c) {
  ++values_;
  if (c == '{' || c == '[') {
    if (open_.size() >= kMaxDepth) return false;
    open_ += c;
    expects_ = c == '{' ? Expects::kKeyOrEnd : Expects::kValueOrEnd;
    return true;
  }
  if (c == '"') {
    string_ = true;
    key_ = false;
    return true;
  }
  if (!IsDigit(c) && c != '-' && c != 't' && c != 'f' && c != 'n') {
    --values_;
    return false;
  }
  scalar_ = c;
  return true;
}

bool JsonProgress::Close(char c) {
  if (open_.back() != (c == '}' ? '{' : '[') || (c != '}' && c != ']')) return false;
  open_.pop_back();
  if (open_.empty()) {
    state_ = State::kDone;
  } else {
    EndValue();
  }
  return true;
}

void JsonProgress::EndValue() { expects_ = Expects::kCommaOrEnd; }

bool JsonProgress::EndScalar() {
  const bool whole = IsJsonScalar(scalar_);
  scalar_.clear();
  EndValue();
  return whole;
}

}  // namespace ledge
