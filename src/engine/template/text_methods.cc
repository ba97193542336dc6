// Methods of Python's str.
#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/utf8.h"
#include "engine/template/builtins.h"
#include "engine/template/present.h"
#include "engine/template/text_ops.h"

namespace ledge::jinja {
namespace {

Result<std::optional<Text>> Optional(std::string_view function,
                                     const std::optional<Value>& argument) {
  if (!argument || argument->none()) return std::optional<Text>();
  LEDGE_TRY(auto text, TextOr(function, argument, {}));
  return std::optional<Text>(std::move(text));
}

template <Ends ends>
Result<Value> StripMethod(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("strip", arguments, {"chars"}));
  LEDGE_TRY(const auto characters, Optional("strip", bound[0]));
  return ValueOf(Strip(in.heap(), text, characters, ends));
}

template <Case to>
Result<Value> Cased(Interpreter& in, const Text& text, const Arguments&) {
  return ValueOf(ChangeCase(in.heap(), text, to));
}

template <bool from_right>
Result<Value> SplitMethod(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("split", arguments, {"sep", "maxsplit"}));
  LEDGE_TRY(const auto separator, Optional("split", bound[0]));
  LEDGE_TRY(const int64_t limit, IntegerOr("split", bound[1], -1));
  return from_right ? SplitFromRight(in.heap(), text, separator, limit)
                    : Split(in.heap(), text, separator, limit);
}

Result<Value> SplitLinesMethod(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("splitlines", arguments, {"keepends"}));
  return SplitLines(in.heap(), text, FlagOr(bound[0], false));
}

template <bool from_right>
Result<Value> Partition(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("partition", arguments, {"sep"}, 1));
  LEDGE_TRY(const auto separator, TextOr("partition", bound[0], {}));
  if (separator.empty())
    return MakeError(Code::kMalformed, "an empty separator; it must have a character");
  LEDGE_TRY(const auto parts, from_right ? SplitFromRight(in.heap(), text, separator, 1)
                                         : Split(in.heap(), text, separator, 1));
  const auto& items = parts.list()->items;
  std::vector<Value> three;
  if (items.size() == 2)
    three = {items[0], Value(separator), items[1]};
  else if (from_right)
    three = {Value(Text()), Value(Text()), Value(text)};
  else
    three = {Value(text), Value(Text()), Value(Text())};
  return MakeList(in.heap(), std::move(three), List::Flavor::kTuple);
}

// startswith, endswith: one text or a tuple of them.
template <bool at_start>
Result<Value> HasAffix(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind(at_start ? "startswith" : "endswith", arguments, {"prefix"}, 1));
  std::vector<Value> affixes{*bound[0]};
  if (const List* list = bound[0]->list()) affixes = list->items;
  for (const Value& value : affixes) {
    LEDGE_TRY(const auto affix, TextOr(at_start ? "startswith" : "endswith", value, {}));
    LEDGE_CHECK_OK(in.heap().StepBytes(affix.size()));
    const bool has =
        at_start ? text.bytes().starts_with(affix.bytes()) : text.bytes().ends_with(affix.bytes());
    if (has) return Value(true);
  }
  return Value(false);
}

template <bool at_start>
Result<Value> RemoveAffix(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound,
            Bind(at_start ? "removeprefix" : "removesuffix", arguments, {"affix"}, 1));
  LEDGE_TRY(const auto affix, TextOr("removeprefix", bound[0], {}));
  const auto bytes = text.bytes();
  if (at_start && bytes.starts_with(affix.bytes()))
    return ValueOf(Slice(in.heap(), text, affix.size(), bytes.size()));
  if (!at_start && bytes.ends_with(affix.bytes()))
    return ValueOf(Slice(in.heap(), text, 0, bytes.size() - affix.size()));
  return Value(text);
}

Result<Value> ReplaceMethod(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("replace", arguments, {"old", "new", "count"}, 2));
  LEDGE_TRY(const auto from, TextOr("replace", bound[0], {}));
  LEDGE_TRY(const auto to, TextOr("replace", bound[1], {}));
  LEDGE_TRY(const int64_t count, IntegerOr("replace", bound[2], -1));
  return ValueOf(Replace(in.heap(), text, from, to, count));
}

Result<Value> JoinMethod(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("join", arguments, {"iterable"}, 1));
  LEDGE_TRY(const auto sequence, in.Sequence(*bound[0]));
  for (const Value& item : sequence->items) {
    if (!item.text()) return WrongType("'join'", item, "texts");
  }
  return ValueOf(Join(in.heap(), text, sequence->items));
}

Result<Value> Count(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("count", arguments, {"sub"}, 1));
  LEDGE_TRY(const auto part, TextOr("count", bound[0], {}));
  LEDGE_CHECK_OK(in.heap().StepBytes(text.size()));
  if (part.empty()) return Value(static_cast<int64_t>(RuneCount(text)) + 1);
  int64_t count = 0;
  for (size_t at = 0;; ++count) {
    at = FindBytes(text.bytes(), part.bytes(), at);
    if (at == std::string_view::npos) return Value(count);
    at += part.size();
  }
}

enum class Wanted : uint8_t { kFirst, kLast, kFirstOrError };
template <Wanted wanted>
Result<Value> Find(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("find", arguments, {"sub"}, 1));
  LEDGE_TRY(const auto part, TextOr("find", bound[0], {}));
  const auto bytes = text.bytes();
  LEDGE_CHECK_OK(in.heap().StepBytes(bytes.size()));
  size_t found = FindBytes(bytes, part.bytes(), 0);
  if (wanted == Wanted::kLast) {
    LEDGE_CHECK_OK(in.heap().StepBytes(bytes.size() * std::min<size_t>(part.size() + 1, 1024)));
    if (part.size() > 1024) return MakeError(Code::kUnsupported, "rfind of more than 1024 bytes");
    found = bytes.rfind(part.bytes());
  }
  if (found == std::string_view::npos) {
    if (wanted == Wanted::kFirstOrError)
      return MakeError(Code::kMalformed, "'index' of a text that isn't there");
    return Value(int64_t{-1});
  }
  LEDGE_TRY(const auto before, Slice(in.heap(), text, 0, found));
  return Value(static_cast<int64_t>(RuneCount(before)));
}

using Categories = uint32_t;  // bits by utf8proc category
constexpr Categories Bit(utf8proc_category_t category) { return Categories{1} << category; }
constexpr Categories kLetters = Bit(UTF8PROC_CATEGORY_LU) | Bit(UTF8PROC_CATEGORY_LL) |
                                Bit(UTF8PROC_CATEGORY_LT) | Bit(UTF8PROC_CATEGORY_LM) |
                                Bit(UTF8PROC_CATEGORY_LO);
constexpr Categories kDigits = Bit(UTF8PROC_CATEGORY_ND);

template <Categories categories>
Result<Value> AllIn(Interpreter& in, const Text& text, const Arguments&) {
  LEDGE_CHECK_OK(in.heap().StepBytes(text.size() * 4));
  for (std::string_view rest = text.bytes(); !rest.empty();) {
    const auto rune = static_cast<utf8proc_int32_t>(Utf8Next(rest));
    if (!(Bit(utf8proc_category(rune)) & categories)) return Value(false);
  }
  return Value(!text.empty());
}

Result<Value> IsSpace(Interpreter& in, const Text& text, const Arguments&) {
  LEDGE_CHECK_OK(in.heap().StepBytes(text.size()));
  return Value(!text.empty() && LeadingSpace(text.bytes()) == text.size());
}

template <bool upper>
Result<Value> IsCased(Interpreter& in, const Text& text, const Arguments&) {
  LEDGE_TRY(const bool cased, in.ApplyTest(upper ? "upper" : "lower", Value(text), {}));
  return Value(cased);
}

// "{} {0} {name}".format(...), without conversions, attributes or format specifications.
class BraceFormat {
 public:
  BraceFormat(Interpreter& in, const Text& format, const Arguments& arguments)
      : format_(format), arguments_(arguments), out_(in.heap()) {}

  Result<Value> Run() {
    const auto bytes = format_.bytes();
    size_t copied = 0;
    for (size_t at = bytes.find_first_of("{}"); at != std::string_view::npos;
         at = bytes.find_first_of("{}", copied)) {
      LEDGE_CHECK_OK(out_.AppendSlice(format_, copied, at));
      if (at + 1 < bytes.size() && bytes[at + 1] == bytes[at]) {
        LEDGE_CHECK_OK(out_.AppendSlice(format_, at, at + 1));
        copied = at + 2;
        continue;
      }
      const size_t end = bytes.find('}', at);
      if (bytes[at] == '}' || end == std::string_view::npos) {
        return MakeError(Code::kMalformed, "a single '{}' in a format; it must be doubled",
                         bytes[at]);
      }
      LEDGE_CHECK_OK(Field(bytes.substr(at + 1, end - at - 1)));
      copied = end + 1;
    }
    LEDGE_CHECK_OK(out_.AppendSlice(format_, copied, bytes.size()));
    return ValueOf(out_.Finish());
  }

 private:
  Result<void> Field(std::string_view name) {
    if (name.find_first_of(".[!:{") != std::string_view::npos) {
      return MakeError(Code::kUnsupported,
                       "the field '{{{}}}' of a format; only names and numbers are known",
                       name.substr(0, 40));
    }
    size_t index = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    const bool numbered = error == std::errc() && end == name.data() + name.size();
    if (name.empty() || numbered) {
      if (name.empty()) index = next_++;
      if (index < arguments_.positional.size())
        return AppendStr(out_, arguments_.positional[index]);
    } else {
      for (const auto& [key, value] : arguments_.named) {
        if (key == name) return AppendStr(out_, value);
      }
    }
    return MakeError(Code::kMalformed, "a format without a value for '{{{}}}'", name.substr(0, 40));
  }

  const Text& format_;
  const Arguments& arguments_;
  TextBuilder out_;
  size_t next_ = 0;
};

Result<Value> FormatMethod(Interpreter& in, const Text& text, const Arguments& arguments) {
  return BraceFormat(in, text, arguments).Run();
}

enum class Align : uint8_t { kLeft, kRight, kZeros };
template <Align align>
Result<Value> Pad(Interpreter& in, const Text& text, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("ljust", arguments, {"width", "fillchar"}, 1));
  LEDGE_TRY(const int64_t width, IntegerOr("ljust", bound[0], 0));
  LEDGE_TRY(const auto fill,
            TextOr("ljust", bound[1], Text::Literal(align == Align::kZeros ? "0" : " ")));
  if (width > kMaxRange)
    return MakeError(Code::kUnsupported, "a text padded to {}; at most {}", width, kMaxRange);
  LEDGE_CHECK_OK(in.heap().StepBytes(text.size()));
  const int64_t missing = std::max<int64_t>(0, width - static_cast<int64_t>(RuneCount(text)));
  TextBuilder out(in.heap());
  const bool sign =
      align == Align::kZeros && !text.empty() && (text.bytes()[0] == '-' || text.bytes()[0] == '+');
  if (sign) LEDGE_CHECK_OK(out.AppendSlice(text, 0, 1));
  if (align == Align::kLeft) LEDGE_CHECK_OK(out.Append(text));
  for (int64_t i = 0; i < missing; ++i) LEDGE_CHECK_OK(out.Append(fill));
  if (align != Align::kLeft) LEDGE_CHECK_OK(out.AppendSlice(text, sign ? 1 : 0, text.size()));
  return ValueOf(out.Finish());
}

constexpr TextMethod kMethods[] = {
    {"capitalize", Cased<Case::kCapitalized>},
    {"count", Count},
    {"endswith", HasAffix<false>},
    {"find", Find<Wanted::kFirst>},
    {"format", FormatMethod},
    {"index", Find<Wanted::kFirstOrError>},
    {"isalnum", AllIn<kLetters | kDigits>},
    {"isalpha", AllIn<kLetters>},
    {"isdecimal", AllIn<kDigits>},
    {"isdigit", AllIn<kDigits>},
    {"isnumeric", AllIn<kDigits>},
    {"islower", IsCased<false>},
    {"isspace", IsSpace},
    {"isupper", IsCased<true>},
    {"join", JoinMethod},
    {"ljust", Pad<Align::kLeft>},
    {"lower", Cased<Case::kLower>},
    {"lstrip", StripMethod<Ends::kLeft>},
    {"partition", Partition<false>},
    {"removeprefix", RemoveAffix<true>},
    {"removesuffix", RemoveAffix<false>},
    {"replace", ReplaceMethod},
    {"rfind", Find<Wanted::kLast>},
    {"rjust", Pad<Align::kRight>},
    {"rpartition", Partition<true>},
    {"rsplit", SplitMethod<true>},
    {"rstrip", StripMethod<Ends::kRight>},
    {"split", SplitMethod<false>},
    {"splitlines", SplitLinesMethod},
    {"startswith", HasAffix<true>},
    {"strip", StripMethod<Ends::kBoth>},
    {"title", Cased<Case::kTitle>},
    {"upper", Cased<Case::kUpper>},
    {"zfill", Pad<Align::kZeros>},
};

}  // namespace

std::span<const TextMethod> TextMethods() { return kMethods; }

}  // namespace ledge::jinja
