#include "engine/grammar/gbnf.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/text_cursor.h"

namespace ledge::grammar {
namespace {

constexpr int kMaxRepeatsInARow = 4;

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

class GbnfParser : TextCursor {
 public:
  explicit GbnfParser(std::string_view text) : TextCursor(text) {}

  Result<Syntax> Run() {
    LEDGE_CHECK_OK(CheckText());
    SkipSpace(true);
    while (at_ < text_.size()) {
      LEDGE_CHECK_OK(ReadRule());
      if (syntax_.full()) break;
      SkipSpace(true);
    }
    for (const auto& [name, known] : rules_) {
      if (syntax_.rules()[known.id].body != kNone) continue;
      at_ = known.first_use;
      return Fail(fmt::format("rule '{}' is used but not defined", name),
                  fmt::format("must be there as {} ::= ...", name));
    }
    const auto root = rules_.find("root");
    if (root == rules_.end()) {
      return Error{Code::kUsage,
                   "the grammar has no rule 'root'; must have one, which whole answers match"};
    }
    syntax_.root = root->second.id;
    return std::move(syntax_);
  }

 private:
  struct Known {
    RuleId id = 0;
    size_t first_use = 0;
  };

  Error Fail(std::string_view what, std::string_view right) const {
    size_t line = 1;
    size_t begin = 0;
    for (size_t i = 0; i < at_ && i < text_.size(); ++i) {
      if (text_[i] != '\n') continue;
      ++line;
      begin = i + 1;
    }
    return MakeError(Code::kUsage, "grammar {}:{}: {}; {}", line, at_ - begin + 1, what, right);
  }

  std::string Here() const {
    if (at_ >= text_.size()) return "the end";
    std::string_view rest = text_.substr(at_);
    return fmt::format("'{}'", PrintableLine(rest.substr(0, Utf8SequenceLength(rest)), 20));
  }

  Result<void> CheckText() {
    if (text_.size() > kMaxGrammarBytes) {
      return MakeError(Code::kUsage, "the grammar has {} bytes; must be at most {}", text_.size(),
                       kMaxGrammarBytes);
    }
    for (std::string_view rest = text_; !rest.empty();) {
      at_ = text_.size() - rest.size();
      if (rest[0] == '\0') return Fail("a byte 0", "must be text");
      if (Utf8Next(rest) == kInvalidRune)
        return Fail(fmt::format("byte 0x{:02X} is no UTF-8", static_cast<uint8_t>(text_[at_])),
                    "must be UTF-8");
    }
    at_ = 0;
    return {};
  }

  void SkipSpace(bool lines) {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (at_ == text_.size() || !lines) return;
      } else if (!(c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r')))) {
        return;
      }
    }
  }

  Result<std::string> ReadName() {
    const size_t begin = at_;
    while (IsNameByte(Peek())) ++at_;
    if (at_ == begin)
      return Fail(fmt::format("{} where a rule's name is expected", Here()),
                  "must be letters, digits and '-'");
    return std::string(text_.substr(begin, at_ - begin));
  }

  RuleId RuleOf(const std::string& name, size_t where) {
    const auto [found, is_new] = rules_.try_emplace(name);
    if (is_new) found->second = {syntax_.AddRule(name), where};
    return found->second.id;
  }

  Result<void> ReadRule() {
    const size_t begin = at_;
    LEDGE_TRY(const std::string name, ReadName());
    const RuleId rule = RuleOf(name, begin);
    if (syntax_.rules()[rule].body != kNone) {
      at_ = begin;
      return Fail(fmt::format("rule '{}' is defined twice", name), "must be defined once");
    }
    SkipSpace(false);
    if (!Take("::="))
      return Fail(fmt::format("{} behind the name '{}'", Here(), name), "must be ::=");
    SkipSpace(true);
    LEDGE_TRY(const NodeId body, ReadChoice(0));
    syntax_.Define(rule, body);
    if (at_ < text_.size() && Peek() != '\n' && Peek() != '\r')
      return Fail(
          fmt::format("{} in a rule", Here()),
          "must be a \"text\", a [class], a name, a (group), '.', '|', '?', '*', '+' or {}");
    return {};
  }

  Result<NodeId> ReadChoice(int depth) {
    if (depth > kMaxNesting)
      return Fail(fmt::format("groups nest deeper than {}", kMaxNesting), "must be less deep");
    std::vector<NodeId> choices;
    do {
      SkipSpace(true);
      LEDGE_TRY(const NodeId sequence, ReadSequence(depth));
      choices.push_back(sequence);
    } while (Take("|"));
    return syntax_.Choice(std::move(choices));
  }

  Result<NodeId> ReadSequence(int depth) {
    std::vector<NodeId> items;
    for (;;) {
      SkipSpace(depth > 0);
      LEDGE_TRY(const auto item, ReadItem(depth));
      if (!item) break;
      LEDGE_TRY(const NodeId repeated, ReadRepeats(*item));
      items.push_back(repeated);
    }
    return syntax_.Sequence(std::move(items));
  }

  Result<std::optional<NodeId>> ReadItem(int depth) {
    if (Take("\"")) {
      LEDGE_TRY(const NodeId literal, ReadLiteral());
      return std::optional(literal);
    }
    if (Take("[")) {
      LEDGE_TRY(const NodeId set, ReadClass());
      return std::optional(set);
    }
    if (Take(".")) return std::optional(syntax_.Set(CodePoints::All()));
    if (Take("(")) {
      LEDGE_TRY(const NodeId group, ReadChoice(depth + 1));
      SkipSpace(true);
      if (!Take(")"))
        return Fail(fmt::format("{} in a group", Here()), "must be ')' or another item");
      return std::optional(group);
    }
    if (Peek() == '<')
      return Fail("a token in '<>'", "must be written as text: tokens can't be named");
    if (IsNameByte(Peek())) {
      const size_t begin = at_;
      LEDGE_TRY(const std::string name, ReadName());
      return std::optional(syntax_.Call(RuleOf(name, begin)));
    }
    return std::optional<NodeId>();
  }

  Result<NodeId> ReadRepeats(NodeId item) {
    for (int count = 0;; ++count) {
      SkipSpaceBeforeRepeat();
      if (count > kMaxRepeatsInARow)
        return Fail("too many repetitions of one item", "must be one, or use groups");
      if (Take("*")) {
        item = syntax_.Repeat(item, 0, kUnbounded);
      } else if (Take("+")) {
        item = syntax_.Repeat(item, 1, kUnbounded);
      } else if (Take("?")) {
        item = syntax_.Optional(item);
      } else if (Peek() == '{') {
        LEDGE_TRY(item, ReadCounts(item));
      } else {
        return item;
      }
    }
  }

  // A repetition may stand behind a space.
  void SkipSpaceBeforeRepeat() {
    const size_t before = at_;
    SkipSpace(false);
    const char c = Peek();
    if (!(c == '*' || c == '+' || c == '?' || c == '{')) at_ = before;
  }

  Result<NodeId> ReadCounts(NodeId item) {
    const size_t begin = at_;
    Take("{");
    SkipSpace(false);
    const auto least = TakeNumber();
    SkipSpace(false);
    std::optional<uint32_t> most = least;
    if (Take(",")) {
      SkipSpace(false);
      most = Peek() == '}' ? kUnbounded : TakeNumber();
      SkipSpace(false);
    }
    if (!least || !most || !Take("}") || *least > *most || *least > kMaxRepeat ||
        (*most > kMaxRepeat && *most != kUnbounded)) {
      at_ = begin;
      return Fail(
          "a repetition that can't be",
          fmt::format("must be {{N}}, {{N,}} or {{N,M}} with N up to M up to {}", kMaxRepeat));
    }
    return syntax_.Repeat(item, *least, *most);
  }

  Result<NodeId> ReadLiteral() {
    std::string bytes;
    while (Peek() != '"') {
      LEDGE_TRY(const char32_t c, ReadChar("a text", '"'));
      Utf8Append(bytes, c);
    }
    Take("\"");
    return syntax_.Bytes(bytes);
  }

  Result<NodeId> ReadClass() {
    const bool negated = Take("^");
    std::vector<CodePointRange> ranges;
    CodePoints set;
    while (Peek() != ']') {
      const size_t begin = at_;
      LEDGE_TRY(const char32_t first, ReadChar("a class", ']'));
      char32_t last = first;
      if (Peek() == '-' && Peek(1) != ']') {
        Take("-");
        LEDGE_TRY(last, ReadChar("a class", ']'));
      }
      if (first > last) {
        at_ = begin;
        return Fail("a range whose first character is behind its last",
                    "must be the other way round");
      }
      ranges.push_back({first, last});
    }
    Take("]");
    set = CodePoints(ranges);
    return syntax_.Set(negated ? set.Complement() : set);
  }

  // One character of a text or a class; an end of line doesn't end it, the end of the text does.
  Result<char32_t> ReadChar(std::string_view where, char close) {
    if (at_ >= text_.size())
      return Fail(fmt::format("{} has no end", where), fmt::format("must end in {}", close));
    if (!Take("\\")) {
      std::string_view rest = text_.substr(at_);
      const char32_t c = Utf8Next(rest);
      at_ = text_.size() - rest.size();
      return c;
    }
    const char c = Peek();
    ++at_;
    switch (c) {
      case 'n':
        return U'\n';
      case 'r':
        return U'\r';
      case 't':
        return U'\t';
      case 'x':
        return ReadHex(2);
      case 'u':
        return ReadHex(4);
      case 'U':
        return ReadHex(8);
      case '\\':
      case '"':
      case '[':
      case ']':
      case '-':
      case '^':
        return static_cast<char32_t>(c);
      default:
        --at_;
        return Fail(fmt::format("{} behind a backslash", Here()),
                    "must be one of n r t \\ \" [ ] - ^ xHH uHHHH UHHHHHHHH");
    }
  }

  Result<char32_t> ReadHex(size_t digits) {
    if (const auto character = TakeHex(digits)) return *character;
    return Fail(fmt::format("'{}' as the number of a character",
                            PrintableLine(Rest().substr(0, digits), 20)),
                fmt::format("must be {} hex digits up to 10FFFF, no surrogate", digits));
  }

  Syntax syntax_;
  std::map<std::string, Known> rules_;
};

}  // namespace

Result<Syntax> ParseGbnf(std::string_view text) { return GbnfParser(text).Run(); }

}  // namespace ledge::grammar
