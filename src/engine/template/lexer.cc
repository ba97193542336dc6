#include "engine/template/lexer.h"

#include <algorithm>
#include <optional>

#include "base/utf8.h"
#include "engine/template/limits.h"
#include "engine/template/text.h"

namespace ledge::jinja {
namespace {

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameByte(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Result<std::vector<LexerToken>> Run() {
    while (at_ < source_.size()) {
      const size_t tag = FindTag(at_);
      if (tag == source_.size()) {
        LEDGE_CHECK_OK(Emit(TokenKind::kData, source_.substr(at_)));
        at_ = tag;
        break;
      }
      LEDGE_CHECK_OK(Tag(tag));
    }
    LEDGE_CHECK_OK(Emit(TokenKind::kEnd, {}));
    return std::move(tokens_);
  }

 private:
  // The next "{{", "{%" or "{#".
  size_t FindTag(size_t from) const {
    for (size_t i = from; i + 1 < source_.size(); ++i) {
      if (source_[i] == '{' &&
          (source_[i + 1] == '{' || source_[i + 1] == '%' || source_[i + 1] == '#'))
        return i;
    }
    return source_.size();
  }

  Result<void> Emit(TokenKind kind, std::string_view text) {
    if (kind == TokenKind::kData && text.empty()) return {};
    if (tokens_.size() >= kMaxTokens) {
      return MakeError(Code::kUnsupported, "line {}: more than {} tokens", line_, kMaxTokens);
    }
    tokens_.push_back({kind, line_, text});
    return {};
  }

  void CountLines(size_t begin, size_t end) {
    line_ += static_cast<int>(std::count(source_.begin() + begin, source_.begin() + end, '\n'));
  }

  // Moves on to `end`, which ends a tag or a raw block; decides what "starts its line" means there.
  void MoveTo(size_t end) {
    CountLines(at_, end);
    line_starts_ = end > 0 && source_[end - 1] == '\n';
    at_ = end;
  }

  // Text before the tag at `tag`, without what the tag strips from it.
  std::string_view Stripped(std::string_view text, char sign, bool strips_line) const {
    if (sign == '-') return text.substr(0, text.size() - TrailingSpace(text));
    if (sign == '+' || !strips_line) return text;
    const size_t newline = text.rfind('\n');
    const size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    if (begin == 0 && !line_starts_) return text;
    const auto tail = text.substr(begin);
    return LeadingSpace(tail) == tail.size() ? text.substr(0, begin) : text;
  }

  char SignAt(size_t at) const {
    return at < source_.size() && (source_[at] == '-' || source_[at] == '+') ? source_[at] : '\0';
  }

  size_t SkipBlanks(size_t at) const {
    while (at < source_.size() && IsBlank(source_[at])) ++at;
    return at;
  }

  Result<void> Tag(size_t tag) {
    const char type = source_[tag + 1];
    const char sign = SignAt(tag + 2);
    LEDGE_CHECK_OK(
        Emit(TokenKind::kData, Stripped(source_.substr(at_, tag - at_), sign, type != '{')));
    CountLines(at_, tag);
    at_ = tag;
    const size_t inside = tag + 2 + (sign ? 1 : 0);
    if (type == '#') return Comment(inside);
    if (type == '%') {
      if (const auto raw = RawBegin(inside)) return Raw(*raw);
    }
    const bool block = type == '%';
    LEDGE_CHECK_OK(
        Emit(block ? TokenKind::kBlockBegin : TokenKind::kVariableBegin, source_.substr(tag, 2)));
    at_ = inside;
    return Inside(block);
  }

  // Where a tag's end that may begin at `at` ends, as `close` is "%}", "#}" or "}}".
  std::optional<size_t> TagEnd(size_t at, std::string_view close) const {
    const auto rest = source_.substr(at);
    if (rest.starts_with(close)) {
      const size_t end = at + 2;
      return close != "}}" && end < source_.size() && source_[end] == '\n' ? end + 1 : end;
    }
    if (rest.size() < 3 || rest.substr(1, 2) != close) return std::nullopt;
    if (rest[0] == '-') return at + 3 + LeadingSpace(source_.substr(at + 3));
    if (rest[0] == '+' && close != "}}") return at + 3;
    return std::nullopt;
  }

  Result<void> Comment(size_t inside) {
    for (size_t i = inside; i < source_.size(); ++i) {
      const char c = source_[i];
      if (c != '#' && c != '-' && c != '+') continue;
      if (const auto end = TagEnd(i, "#}")) {
        MoveTo(*end);
        return {};
      }
    }
    return MakeError(Code::kMalformed, "line {}: a comment without its end '#}}'", line_);
  }

  // After "{%" and its sign: "raw" and the tag's end; where the raw text begins.
  std::optional<size_t> RawBegin(size_t inside) const {
    const size_t word = SkipBlanks(inside);
    if (!source_.substr(word).starts_with("raw")) return std::nullopt;
    const size_t close = SkipBlanks(word + 3);
    const auto rest = source_.substr(close);
    if (rest.starts_with("%}")) return close + 2;
    if (rest.starts_with("-%}")) return close + 3 + LeadingSpace(source_.substr(close + 3));
    return std::nullopt;
  }

  Result<void> Raw(size_t begin) {
    const int opened = line_;
    MoveTo(begin);
    for (size_t i = source_.find("{%", begin); i != std::string_view::npos;
         i = source_.find("{%", i + 2)) {
      const char sign = SignAt(i + 2);
      const size_t word = SkipBlanks(i + 2 + (sign ? 1 : 0));
      if (!source_.substr(word).starts_with("endraw")) continue;
      const auto end = TagEnd(SkipBlanks(word + 6), "%}");
      if (!end) continue;
      LEDGE_CHECK_OK(
          Emit(TokenKind::kData, Stripped(source_.substr(begin, i - begin), sign, true)));
      MoveTo(*end);
      return {};
    }
    return MakeError(Code::kMalformed, "line {}: 'raw' without its 'endraw'", opened);
  }

  // The tokens of a tag, to behind its end.
  Result<void> Inside(bool block) {
    const std::string_view close = block ? "%}" : "}}";
    const int opened = line_;
    std::string brackets;
    while (at_ < source_.size()) {
      if (brackets.empty()) {
        if (const auto end = TagEnd(at_, close)) {
          LEDGE_CHECK_OK(Emit(block ? TokenKind::kBlockEnd : TokenKind::kVariableEnd, close));
          MoveTo(*end);
          return {};
        }
      }
      LEDGE_CHECK_OK(Piece(brackets));
    }
    return MakeError(Code::kMalformed, "line {}: a tag without its end '{}'", opened, close);
  }

  Result<void> Piece(std::string& brackets) {
    const char c = source_[at_];
    if (IsBlank(c)) {
      const size_t end = SkipBlanks(at_);
      CountLines(at_, end);
      at_ = end;
      return {};
    }
    if (IsDigit(c)) return Number();
    if (IsNameByte(c)) {
      size_t end = at_;
      while (end < source_.size() && IsNameByte(source_[end])) ++end;
      return Take(TokenKind::kName, end);
    }
    if (c == '\'' || c == '"') return String(c);
    return Operator(brackets);
  }

  Result<void> Take(TokenKind kind, size_t end) {
    LEDGE_CHECK_OK(Emit(kind, source_.substr(at_, end - at_)));
    CountLines(at_, end);
    at_ = end;
    return {};
  }

  size_t Digits(size_t at) const {
    while (at < source_.size() && (IsDigit(source_[at]) || source_[at] == '_')) ++at;
    return at;
  }
  bool DigitAt(size_t at) const { return at < source_.size() && IsDigit(source_[at]); }

  Result<void> Number() {
    const auto rest = source_.substr(at_);
    if (rest.size() > 2 && rest[0] == '0' &&
        std::string_view("xXoObB").find(rest[1]) != std::string_view::npos) {
      size_t end = at_ + 2;
      while (end < source_.size() && IsNameByte(source_[end])) ++end;
      return Take(TokenKind::kInteger, end);
    }
    size_t end = Digits(at_);
    TokenKind kind = TokenKind::kInteger;
    const bool after_dot = at_ > 0 && source_[at_ - 1] == '.';  // x.0.1 is two subscripts
    if (!after_dot && end < source_.size() && source_[end] == '.' && DigitAt(end + 1)) {
      end = Digits(end + 1);
      kind = TokenKind::kFloat;
    }
    if (!after_dot && end < source_.size() && (source_[end] == 'e' || source_[end] == 'E')) {
      const bool sign =
          end + 1 < source_.size() && (source_[end + 1] == '-' || source_[end + 1] == '+');
      const size_t exponent = end + 1 + (sign ? 1 : 0);
      if (DigitAt(exponent)) {
        end = Digits(exponent);
        kind = TokenKind::kFloat;
      }
    }
    return Take(kind, end);
  }

  Result<void> String(char quote) {
    for (size_t i = at_ + 1; i < source_.size(); ++i) {
      if (source_[i] == '\\')
        ++i;
      else if (source_[i] == quote)
        return Take(TokenKind::kString, i + 1);
    }
    return MakeError(Code::kMalformed, "line {}: a string without its closing {}", line_, quote);
  }

  Result<void> Operator(std::string& brackets) {
    static constexpr std::string_view kLong[] = {"//", "**", "==", "!=", ">=", "<="};
    static constexpr std::string_view kShort = "+-/*%~[](){}><=.:|,";
    const auto rest = source_.substr(at_);
    for (const auto op : kLong) {
      if (rest.starts_with(op)) return Take(TokenKind::kOperator, at_ + 2);
    }
    const char c = rest[0];
    if (kShort.find(c) == std::string_view::npos) {
      const size_t length = std::max<size_t>(1, Utf8SequenceLength(rest));
      return MakeError(Code::kMalformed, "line {}: the character '{}' means nothing in a tag",
                       line_, rest.substr(0, length));
    }
    if (c == '(') brackets.push_back(')');
    if (c == '[') brackets.push_back(']');
    if (c == '{') brackets.push_back('}');
    if (c == ')' || c == ']' || c == '}') {
      if (brackets.empty())
        return MakeError(Code::kMalformed, "line {}: '{}' closes nothing", line_, c);
      if (brackets.back() != c) {
        return MakeError(Code::kMalformed, "line {}: '{}' where '{}' must close", line_, c,
                         brackets.back());
      }
      brackets.pop_back();
    }
    return Take(TokenKind::kOperator, at_ + 1);
  }

  std::string_view source_;
  size_t at_ = 0;
  int line_ = 1;
  bool line_starts_ = true;
  std::vector<LexerToken> tokens_;
};

// Up to `max` digits of `base` at the front of `text`, taken off it.
char32_t TakeDigits(std::string_view& text, size_t max, char32_t base, size_t& taken) {
  char32_t value = 0;
  for (taken = 0; taken < max && !text.empty(); ++taken) {
    const char c = text[0];
    char32_t digit = base;
    if (IsDigit(c))
      digit = static_cast<char32_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<char32_t>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      digit = static_cast<char32_t>(c - 'A' + 10);
    if (digit >= base) break;
    value = value * base + digit;
    text.remove_prefix(1);
  }
  return value;
}

// One escape; `text` begins behind the backslash and is not empty.
Result<void> DecodeEscape(std::string_view& text, std::string& out) {
  static constexpr std::string_view kNames = "abfnrtv\\'\"";
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"";
  const char c = text[0];
  size_t taken = 0;
  if (c >= '0' && c <= '7') {
    Utf8Append(out, TakeDigits(text, 3, 8, taken));
    return {};
  }
  text.remove_prefix(1);
  if (c == '\n') return {};
  if (const size_t known = kNames.find(c); known != std::string_view::npos) {
    out.push_back(kMeanings[known]);
    return {};
  }
  const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits == 0) {  // Python keeps what it doesn't know
    out.push_back('\\');
    out.push_back(c);
    return {};
  }
  const char32_t rune = TakeDigits(text, digits, 16, taken);
  if (taken != digits) {
    return MakeError(Code::kMalformed, "the escape \\{} has {} hexadecimal digits; it must have {}",
                     c, taken, digits);
  }
  Utf8Append(out, rune);
  return {};
}

}  // namespace

std::string NormalizeSource(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      out.push_back('\n');
      if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
    } else {
      out.push_back(source[i]);
    }
  }
  if (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

Result<std::vector<LexerToken>> Tokenize(std::string_view source) { return Lexer(source).Run(); }

Result<std::string> DecodeString(std::string_view literal) {
  std::string_view text = literal.substr(1, literal.size() - 2);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char c = text[0];
    text.remove_prefix(1);
    if (c != '\\' || text.empty()) {
      out.push_back(c);
      continue;
    }
    LEDGE_CHECK_OK(DecodeEscape(text, out));
  }
  return out;
}

}  // namespace ledge::jinja
