#include "engine/grammar/json_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace ledge::grammar {
namespace {

constexpr uint32_t kMaxIndent = 32;
constexpr uint32_t kMaxTabs = 8;
constexpr char32_t kControls = 0x20;  // below it are control characters

struct Escape {
  char32_t of;
  std::string_view text;
};
constexpr std::array<Escape, 7> kEscapes = {{{U'"', "\\\""},
                                             {U'\\', "\\\\"},
                                             {U'\b', "\\b"},
                                             {U'\f', "\\f"},
                                             {U'\n', "\\n"},
                                             {U'\r', "\\r"},
                                             {U'\t', "\\t"}}};

CodePoints Plain() {
  return CodePoints({{kControls, kLastCodePoint}})
      .Minus(CodePoints({{U'"', U'"'}, {U'\\', U'\\'}}));
}

}  // namespace

NodeId JsonText::Space() {
  if (!space_) {
    const NodeId line = syntax_.Bytes("\n");
    space_ = syntax_.AddRule(
        "whitespace",
        syntax_.Choice(
            {syntax_.Empty(), syntax_.Bytes(" "),
             syntax_.Sequence({line, syntax_.Repeat(syntax_.Bytes(" "), 0, kMaxIndent)}),
             syntax_.Sequence({line, syntax_.Repeat(syntax_.Bytes("\t"), 1, kMaxTabs)})}));
  }
  return syntax_.Call(*space_);
}

NodeId JsonText::Comma() { return syntax_.Sequence({syntax_.Bytes(","), Space()}); }
NodeId JsonText::Colon() { return syntax_.Sequence({syntax_.Bytes(":"), Space()}); }

NodeId JsonText::Braces(std::string_view open, NodeId members, bool optional,
                        std::string_view close) {
  NodeId inside = syntax_.Sequence({members, Space()});
  if (optional) inside = syntax_.Optional(inside);
  return syntax_.Sequence({syntax_.Bytes(open), Space(), inside, syntax_.Bytes(close)});
}

NodeId JsonText::Character(const CodePoints& set) {
  std::vector<NodeId> choices = {syntax_.Set(set.Intersect(Plain()))};
  CodePoints controls = set.Intersect(CodePoints({{0, kControls - 1}}));
  for (const Escape& escape : kEscapes) {
    if (!set.Contains(escape.of)) continue;
    choices.push_back(syntax_.Bytes(escape.text));
    controls = controls.Minus(CodePoints({{escape.of, escape.of}}));
  }
  // The others are meant only where they are named.
  if (set.ranges().size() == 1 && set.ranges()[0].last < kControls) {
    for (const CodePointRange& range : controls.ranges()) {
      for (char32_t c = range.first; c <= range.last; ++c)
        choices.push_back(syntax_.Bytes(fmt::format("\\u{:04x}", static_cast<uint32_t>(c))));
    }
  }
  return syntax_.Choice(std::move(choices));
}

// Escapes by number are pairs where one alone would be half a character.
NodeId JsonText::Character() {
  if (!character_) {
    const auto set = [this](std::vector<CodePointRange> ranges) {
      return syntax_.Set(CodePoints(std::move(ranges)));
    };
    const NodeId hex = set({{'0', '9'}, {'a', 'f'}, {'A', 'F'}});
    const NodeId d = set({{'d', 'd'}, {'D', 'D'}});
    const NodeId two = syntax_.Repeat(hex, 2, 2);
    const NodeId number = syntax_.Choice(
        {syntax_.Sequence(
             {set({{'0', '9'}, {'a', 'c'}, {'e', 'f'}, {'A', 'C'}, {'E', 'F'}}), hex, two}),
         syntax_.Sequence({d, set({{'0', '7'}}), two}),
         syntax_.Sequence({d, set({{'8', '9'}, {'a', 'b'}, {'A', 'B'}}), two, syntax_.Bytes("\\u"),
                           d, set({{'c', 'f'}, {'C', 'F'}}), two})});
    const NodeId escaped = syntax_.Choice({set({{'"', '"'},
                                                {'\\', '\\'},
                                                {'/', '/'},
                                                {'b', 'b'},
                                                {'f', 'f'},
                                                {'n', 'n'},
                                                {'r', 'r'},
                                                {'t', 't'}}),
                                           syntax_.Sequence({syntax_.Bytes("u"), number})});
    character_ = syntax_.AddRule(
        "character",
        syntax_.Choice({syntax_.Set(Plain()), syntax_.Sequence({syntax_.Bytes("\\"), escaped})}));
  }
  return syntax_.Call(*character_);
}

NodeId JsonText::String() {
  if (!string_) {
    // Not by calls: a string is most of what is written, and this way it is one state.
    Character();
    const NodeId character = syntax_.rules()[*character_].body;
    const NodeId quote = syntax_.Bytes("\"");
    string_ = syntax_.AddRule(
        "string", syntax_.Sequence({quote, syntax_.Repeat(character, 0, kUnbounded), quote}));
  }
  return syntax_.Call(*string_);
}

NodeId JsonText::Whole() {
  return syntax_.Sequence(
      {syntax_.Optional(syntax_.Bytes("-")),
       syntax_.Choice({syntax_.Bytes("0"), syntax_.Sequence({syntax_.Set(CodePoints({{'1', '9'}})),
                                                             Digits(0, kMaxWholeDigits - 1)})})});
}

NodeId JsonText::Number() {
  if (!number_) {
    const NodeId fraction = syntax_.Sequence({syntax_.Bytes("."), Digits(1, kMaxFractionDigits)});
    const NodeId exponent = syntax_.Sequence(
        {syntax_.Set(CodePoints({{'e', 'e'}, {'E', 'E'}})),
         syntax_.Optional(syntax_.Set(CodePoints({{'+', '+'}, {'-', '-'}}))), Digits(1, 2)});
    number_ = syntax_.AddRule("number", syntax_.Sequence({Whole(), syntax_.Optional(fraction),
                                                          syntax_.Optional(exponent)}));
  }
  return syntax_.Call(*number_);
}

NodeId JsonText::Boolean() {
  return syntax_.Choice({syntax_.Bytes("true"), syntax_.Bytes("false")});
}

NodeId JsonText::Object() {
  if (!object_) {
    object_ = syntax_.AddRule("object");
    const NodeId member = syntax_.Sequence({String(), Colon(), Value()});
    const NodeId more = syntax_.Repeat(syntax_.Sequence({Comma(), member}), 0, kUnbounded);
    syntax_.Define(*object_, Braces("{", syntax_.Sequence({member, more}), true, "}"));
  }
  return syntax_.Call(*object_);
}

NodeId JsonText::Array() {
  if (!array_) {
    array_ = syntax_.AddRule("array");
    const NodeId more = syntax_.Repeat(syntax_.Sequence({Comma(), Value()}), 0, kUnbounded);
    syntax_.Define(*array_, Braces("[", syntax_.Sequence({Value(), more}), true, "]"));
  }
  return syntax_.Call(*array_);
}

NodeId JsonText::Value() {
  if (!value_) {
    value_ = syntax_.AddRule("value");
    syntax_.Define(*value_,
                   syntax_.Choice({Object(), Array(), String(), Number(), syntax_.Bytes("true"),
                                   syntax_.Bytes("false"), syntax_.Bytes("null")}));
  }
  return syntax_.Call(*value_);
}

NodeId JsonText::Exactly(const nlohmann::ordered_json& value) {
  return syntax_.Bytes(
      value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace ledge::grammar
