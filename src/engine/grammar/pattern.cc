#include "engine/grammar/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/text_cursor.h"

namespace ledge::grammar {
namespace {

constexpr int kMaxPatternRepeatsInARow = 4;

uint64_t Plus(uint64_t a, uint64_t b) { return a > kNoMost - b ? kNoMost : a + b; }
uint64_t Times(uint64_t a, uint64_t b) {
  if (a == 0 || b == 0) return 0;
  return a > kNoMost / b ? kNoMost : a * b;
}

const CodePoints& Digits() {
  static const CodePoints set({{'0', '9'}});
  return set;
}
const CodePoints& WordCharacters() {
  static const CodePoints set({{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {'_', '_'}});
  return set;
}
// Of ECMA-262 and what others count as such.
const CodePoints& AllSpaces() {
  static const CodePoints set({{0x09, 0x0D},
                               {0x1C, 0x20},
                               {0x85, 0x85},
                               {0xA0, 0xA0},
                               {0x1680, 0x1680},
                               {0x2000, 0x200A},
                               {0x2028, 0x2029},
                               {0x202F, 0x202F},
                               {0x205F, 0x205F},
                               {0x3000, 0x3000},
                               {0xFEFF, 0xFEFF}});
  return set;
}
// What all engines agree to be spaces.
const CodePoints& Spaces() {
  static const CodePoints set({{0x09, 0x0D}, {0x20, 0x20}});
  return set;
}
const CodePoints& LineEnds() {
  static const CodePoints set({{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}});
  return set;
}

class PatternParser : TextCursor {
 public:
  PatternParser(Syntax& syntax, JsonText& json, std::string_view text)
      : TextCursor(text), syntax_(syntax), json_(json) {}

  Result<Pattern> Run() {
    if (text_.size() > kMaxPatternBytes)
      return Fail(fmt::format("has {} bytes", text_.size()),
                  fmt::format("must have at most {}", kMaxPatternBytes));
    std::vector<Pattern> choices;
    do {
      LEDGE_TRY(Pattern choice, ReadEdgedSequence());
      choices.push_back(choice);
    } while (Take("|"));
    if (at_ < text_.size()) return FailHere("must be written as \\) or have its (");
    return Choice(choices);
  }

 private:
  static Error Fail(std::string_view what, std::string_view right) {
    return MakeError(Code::kUsage, "{}; {}", what, right);
  }
  Error FailHere(std::string_view right) const {
    const std::string_view rest = Rest();
    const size_t length = rest.empty() ? 0 : std::max<size_t>(1, Utf8SequenceLength(rest));
    return Fail(
        fmt::format("has '{}' at character {}", PrintableLine(rest.substr(0, length), 20), at_ + 1),
        right);
  }

  Pattern Choice(const std::vector<Pattern>& choices) {
    Pattern result = choices[0];
    std::vector<NodeId> nodes;
    for (const Pattern& choice : choices) {
      nodes.push_back(choice.node);
      result.least = std::min(result.least, choice.least);
      result.most = std::max(result.most, choice.most);
    }
    result.node = syntax_.Choice(std::move(nodes));
    return result;
  }

  Pattern Anything() {
    return {syntax_.Repeat(json_.Character(CodePoints::All()), 0, kUnbounded), 0, kNoMost};
  }

  Pattern Joined(const std::vector<Pattern>& parts) {
    Pattern result;
    std::vector<NodeId> nodes;
    for (const Pattern& part : parts) {
      nodes.push_back(part.node);
      result.least = Plus(result.least, part.least);
      result.most = Plus(result.most, part.most);
    }
    result.node = syntax_.Sequence(std::move(nodes));
    return result;
  }

  // An alternative of the whole: only here may ^ and $ stand.
  Result<Pattern> ReadEdgedSequence() {
    std::vector<Pattern> parts;
    if (!Take("^")) parts.push_back(Anything());
    LEDGE_TRY(const Pattern middle, ReadSequence(0));
    parts.push_back(middle);
    if (!Take("$")) parts.push_back(Anything());
    return Joined(parts);
  }

  Result<Pattern> ReadSequence(int depth) {
    if (depth > kMaxNesting)
      return Fail(fmt::format("nests groups deeper than {}", kMaxNesting), "must be less deep");
    std::vector<Pattern> parts;
    for (;;) {
      const char c = Peek();
      if (at_ >= text_.size() || c == '|' || c == ')') break;
      if (c == '$' && depth == 0 && (at_ + 1 == text_.size() || Peek(1) == '|')) break;
      LEDGE_TRY(const Pattern atom, ReadAtom(depth));
      LEDGE_TRY(const Pattern repeated, ReadRepeats(atom));
      parts.push_back(repeated);
    }
    return Joined(parts);
  }

  Pattern One(const CodePoints& set) { return {json_.Character(set), 1, 1}; }

  Result<Pattern> ReadAtom(int depth) {
    switch (Peek()) {
      case '^':
      case '$':
        return FailHere("^ and $ can be enforced at the pattern's edges alone");
      case '*':
      case '+':
      case '?':
      case '{':
        return FailHere("must stand behind what it repeats, or have a backslash");
      case '(':
        return ReadGroup(depth);
      case '[':
        return ReadClass();
      case '.':
        ++at_;
        return One(LineEnds().Complement());
      case '\\': {
        LEDGE_TRY(const CodePoints set, ReadEscape(false));
        return One(set);
      }
      default:
        break;
    }
    LEDGE_TRY(const char32_t c, ReadRune());
    return One(CodePoints({{c, c}}));
  }

  Result<char32_t> ReadRune() {
    std::string_view rest = Rest();
    const char32_t c = rest.empty() ? kInvalidRune : Utf8Next(rest);
    if (c == kInvalidRune) return FailHere("must be UTF-8, and whole");
    at_ = text_.size() - rest.size();
    return c;
  }

  Result<Pattern> ReadGroup(int depth) {
    Take("(");
    if (Peek() == '?') {
      const bool named = Peek(1) == '<' && Peek(2) != '=' && Peek(2) != '!';
      if (named) {
        const size_t end = text_.find('>', at_);
        if (end == text_.npos) return FailHere("a group's name must end in >");
        at_ = end + 1;
      } else if (!Take("?:")) {
        return FailHere("looking around and flags can't be enforced");
      }
    }
    std::vector<Pattern> choices;
    do {
      LEDGE_TRY(const Pattern choice, ReadSequence(depth + 1));
      choices.push_back(choice);
    } while (Take("|"));
    if (!Take(")")) return FailHere("a group must end in )");
    return Choice(choices);
  }

  Result<Pattern> ReadRepeats(Pattern item) {
    for (int count = 0;; ++count) {
      uint32_t least = 0;
      uint32_t most = kUnbounded;
      if (Take("+")) {
        least = 1;
      } else if (Take("?")) {
        most = 1;
      } else if (Peek() == '{') {
        LEDGE_CHECK_OK(ReadCounts(least, most));
      } else if (!Take("*")) {
        return item;
      }
      Take("?");  // a lazy one matches the same texts
      if (count >= kMaxPatternRepeatsInARow)
        return FailHere("must be one repetition, or use groups");
      item.node = syntax_.Repeat(item.node, least, most);
      item.least = Times(item.least, least);
      item.most = Times(item.most, most == kUnbounded ? kNoMost : most);
    }
  }

  Result<void> ReadCounts(uint32_t& least, uint32_t& most) {
    const size_t begin = at_;
    Take("{");
    const auto low = TakeNumber();
    std::optional<uint32_t> high = low;
    if (Take(",")) {
      high = kUnbounded;
      if (Peek() != '}') high = TakeNumber();
    }
    if (!low || !high || !Take("}") || *low > *high || *low > kMaxRepeat ||
        (*high > kMaxRepeat && *high != kUnbounded)) {
      at_ = begin;
      return FailHere(
          fmt::format("must be {{N}}, {{N,}} or {{N,M}} with N up to M up to {}", kMaxRepeat));
    }
    least = *low;
    most = *high;
    return {};
  }

  Result<Pattern> ReadClass() {
    const size_t begin = at_;
    Take("[");
    const bool negated = Take("^");
    CodePoints set;
    while (Peek() != ']') {
      if (at_ >= text_.size()) {
        at_ = begin;
        return FailHere("a class must end in ]");
      }
      LEDGE_TRY(const CodePoints first, ReadClassMember());
      if (Peek() == '-' && Peek(1) != ']' && at_ + 1 < text_.size()) {
        Take("-");
        LEDGE_TRY(const CodePoints last, ReadClassMember());
        const char32_t from = IsOne(first) ? first.ranges()[0].first : 1;
        const char32_t to = IsOne(last) ? last.ranges()[0].first : 0;
        if (from > to) return FailHere("a range in a class must go from a lower to a higher one");
        set.Add(from, to);
      } else {
        set.Add(first);
      }
    }
    Take("]");
    return One(negated ? set.Complement() : set);
  }

  static bool IsOne(const CodePoints& set) {
    return set.ranges().size() == 1 && set.ranges()[0].first == set.ranges()[0].last;
  }

  Result<CodePoints> ReadClassMember() {
    if (Peek() == '\\') return ReadEscape(true);
    LEDGE_TRY(const char32_t c, ReadRune());
    return CodePoints({{c, c}});
  }

  Result<CodePoints> ReadEscape(bool in_class) {
    const size_t begin = at_;
    Take("\\");
    const char c = Peek();
    ++at_;
    const auto one = [](char32_t rune) { return CodePoints({{rune, rune}}); };
    switch (c) {
      case 'd':
        return Digits();
      case 'D':
        return Digits().Complement();
      case 'w':
        return WordCharacters();
      case 'W':
        return WordCharacters().Complement();
      case 's':
        return Spaces();
      case 'S':
        return AllSpaces().Complement();
      case 'n':
        return one('\n');
      case 'r':
        return one('\r');
      case 't':
        return one('\t');
      case 'f':
        return one('\f');
      case 'v':
        return one('\v');
      case '0':
        if (!(Peek() >= '0' && Peek() <= '9')) return one(0);
        break;
      case 'x':
        return ReadHex(2);
      case 'u':
        return ReadHex(4);
      case 'b':
        if (in_class) return one('\b');
        break;
      default: {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool digit = c >= '0' && c <= '9';
        if (c > ' ' && c < 0x7F && !letter && !digit) return one(static_cast<char32_t>(c));
      }
    }
    at_ = begin;
    return Fail(fmt::format("has '{}' at character {}", PrintableLine(text_.substr(begin, 2), 20),
                            begin + 1),
                "backreferences, \\b and \\p can't be enforced; must be \\d \\w \\s, \\n, \\xHH, "
                "\\uHHHH or a sign behind a backslash");
  }

  Result<CodePoints> ReadHex(size_t digits) {
    if (const auto character = TakeHex(digits)) return CodePoints({{*character, *character}});
    return FailHere("must be the hex number of a character, no surrogate");
  }

  Syntax& syntax_;
  JsonText& json_;
};

}  // namespace

Result<Pattern> ParsePattern(Syntax& syntax, JsonText& json, std::string_view text) {
  return PatternParser(syntax, json, text).Run();
}

}  // namespace ledge::grammar
