// Filters that make a text.
#include <algorithm>
#include <iterator>

#include "engine/template/builtins.h"
#include "engine/template/operators.h"
#include "engine/template/present.h"
#include "engine/template/text_ops.h"

namespace ledge::jinja {
namespace {

constexpr int64_t kMaxIndent = 1000;
// Every code point is looked at, which costs this many times a copy of it.
constexpr uint64_t kJsonCost = 8;

template <Case to>
Result<Value> Cased(Interpreter& in, const Value& value, const Arguments&) {
  LEDGE_TRY(const auto text, AsText(in, value));
  return ValueOf(ChangeCase(in.heap(), text, to));
}

Result<Value> Trim(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("trim", arguments, {"chars"}));
  LEDGE_TRY(const auto text, AsText(in, value));
  std::optional<Text> characters;
  if (bound[0] && bound[0]->text()) characters = *bound[0]->text();
  return ValueOf(Strip(in.heap(), text, characters, Ends::kBoth));
}

Result<Value> ReplaceFilter(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("replace", arguments, {"old", "new", "count"}, 2));
  LEDGE_TRY(const auto text, AsText(in, value));
  LEDGE_TRY(const auto from, AsText(in, *bound[0]));
  LEDGE_TRY(const auto to, AsText(in, *bound[1]));
  LEDGE_TRY(const int64_t count, IntegerOr("replace", bound[2], -1));
  return ValueOf(Replace(in.heap(), text, from, to, count));
}

// A width in spaces, or the text itself.
Result<Text> IndentText(Interpreter& in, std::string_view function, const Value& width) {
  if (width.text()) return *width.text();
  LEDGE_TRY(const int64_t spaces, IntegerOr(function, width, 0));
  if (spaces > kMaxIndent) {
    return MakeError(Code::kUnsupported, "'{}' by {}; at most {} spaces", function, spaces,
                     kMaxIndent);
  }
  return MakeText(in.heap(), std::string(static_cast<size_t>(std::max<int64_t>(0, spaces)), ' '));
}

Result<Value> IndentFilter(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("indent", arguments, {"width", "first", "blank"}));
  LEDGE_TRY(const auto text, AsText(in, value));
  LEDGE_TRY(const auto indent, IndentText(in, "indent", bound[0].value_or(Value(int64_t{4}))));
  return ValueOf(Indent(in.heap(), text, indent, FlagOr(bound[1], false), FlagOr(bound[2], false)));
}

Result<Value> JoinFilter(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("join", arguments, {"d", "attribute"}));
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  LEDGE_TRY(const auto separator, AsText(in, bound[0].value_or(Value(Text()))));
  if (!bound[1] || bound[1]->none()) return ValueOf(Join(in.heap(), separator, sequence->items));
  std::vector<Value> items;
  for (const Value& item : sequence->items) {
    LEDGE_TRY(auto attribute, in.GetPath(item, *bound[1]));
    items.push_back(std::move(attribute));
  }
  return ValueOf(Join(in.heap(), separator, items));
}

Result<Value> StringFilter(Interpreter& in, const Value& value, const Arguments&) {
  return ValueOf(AsText(in, value));
}

// Nothing is escaped here unless asked for, so nothing needs to be marked safe.
Result<Value> Safe(Interpreter& in, const Value& value, const Arguments&) {
  return ValueOf(AsText(in, value));
}

Result<Value> Escape(Interpreter& in, const Value& value, const Arguments&) {
  static constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
      {"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"'", "&#39;"}, {"\"", "&#34;"}};
  LEDGE_TRY(auto text, AsText(in, value));
  for (const auto& [from, to] : kEntities) {
    LEDGE_TRY(text, Replace(in.heap(), text, Text::Literal(std::string(from)),
                            Text::Literal(std::string(to)), -1));
  }
  return Value(std::move(text));
}

Result<Value> FormatFilter(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto format, AsText(in, value));
  if (!arguments.named.empty()) return MakeError(Code::kUnsupported, "'format' with named values");
  return PercentFormat(in, format, arguments.positional);
}

Result<Value> ToJson(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound,
            Bind("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"}));
  JsonOptions options;
  // Jinja's own tojson takes the indent first, transformers' takes ensure_ascii first.
  options.ensure_ascii = FlagOr(bound[0], false);
  options.sort_keys = FlagOr(bound[3], false);
  if (bound[1] && !bound[1]->none()) {
    LEDGE_TRY(options.indent, IndentText(in, "tojson", *bound[1]));
    options.item_separator = Text::Literal(",");
  }
  if (bound[2] && !bound[2]->none()) {
    const List* pair = bound[2]->list();
    if (!pair || pair->items.size() != 2 || !pair->items[0].text() || !pair->items[1].text()) {
      return WrongType("the argument 'separators'", *bound[2], "two texts");
    }
    options.item_separator = *pair->items[0].text();
    options.key_separator = *pair->items[1].text();
  }
  TextBuilder out(in.heap());
  LEDGE_CHECK_OK(AppendJson(out, value, options));
  LEDGE_CHECK_OK(in.heap().StepBytes(out.size() * kJsonCost));
  return ValueOf(out.Finish());
}

Result<Value> Truncate(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound,
            Bind("truncate", arguments, {"length", "killwords", "end", "leeway"}));
  LEDGE_TRY(const auto text, AsText(in, value));
  LEDGE_TRY(const int64_t length, IntegerOr("truncate", bound[0], 255));
  LEDGE_TRY(const auto ending, TextOr("truncate", bound[2], Text::Literal("...")));
  LEDGE_TRY(const int64_t leeway, IntegerOr("truncate", bound[3], 5));
  LEDGE_CHECK_OK(in.heap().StepBytes(text.size()));
  const auto ending_length = static_cast<int64_t>(RuneCount(ending));
  if (length < ending_length || leeway < 0 || length > kMaxRange || leeway > kMaxRange) {
    return MakeError(
        Code::kMalformed,
        "'truncate' to {} with leeway {}; it takes {} to {} and a leeway of at least 0", length,
        leeway, ending_length, kMaxRange);
  }
  if (static_cast<int64_t>(RuneCount(text)) <= length + leeway) return Value(text);
  size_t end = RuneOffset(text, static_cast<size_t>(length - ending_length));
  if (!FlagOr(bound[1], false)) {
    const size_t space = text.bytes().substr(0, end).rfind(' ');
    if (space != std::string_view::npos) end = space;
  }
  TextBuilder out(in.heap());
  LEDGE_CHECK_OK(out.AppendSlice(text, 0, end));
  LEDGE_CHECK_OK(out.Append(ending));
  return ValueOf(out.Finish());
}

constexpr Filter kTextFilters[] = {
    {"capitalize", Cased<Case::kCapitalized>},
    {"lower", Cased<Case::kLower>},
    {"title", Cased<Case::kWords>},
    {"upper", Cased<Case::kUpper>},
    {"e", Escape},
    {"escape", Escape},
    {"forceescape", Escape},
    {"format", FormatFilter},
    {"indent", IndentFilter},
    {"join", JoinFilter},
    {"replace", ReplaceFilter},
    {"safe", Safe},
    {"string", StringFilter},
    {"tojson", ToJson},
    {"trim", Trim},
    {"truncate", Truncate},
};

}  // namespace

std::span<const Filter> TextFilters() { return kTextFilters; }

}  // namespace ledge::jinja
