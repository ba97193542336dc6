// What JSON consists of, as parts of a grammar: RFC 8259, with little whitespace, since a model
// that may write any amount of it may never stop.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "engine/grammar/syntax.h"

namespace ledge::grammar {

// Digits of a whole number, before and behind the point, so that every reader can hold it.
inline constexpr uint32_t kMaxWholeDigits = 16;
inline constexpr uint32_t kMaxFractionDigits = 15;

class JsonText {
 public:
  explicit JsonText(Syntax& syntax) : syntax_(syntax) {}

  // Nothing, a space, or one end of a line with some indentation.
  NodeId Space();
  NodeId Value();
  NodeId Object();
  NodeId Array();
  NodeId String();
  NodeId Whole();  // without fraction and exponent
  NodeId Number();
  NodeId Boolean();
  NodeId Null() { return syntax_.Bytes("null"); }
  // The one value, as compact text.
  NodeId Exactly(const nlohmann::ordered_json& value);

  // One code point of a string, of any or of `set`, escaped where JSON demands it.
  NodeId Character();
  NodeId Character(const CodePoints& set);
  // "," and ":" with the space behind them.
  NodeId Comma();
  NodeId Colon();
  // { and } or [ and ] around the members, which may be missing where `optional`.
  NodeId Braces(std::string_view open, NodeId members, bool optional, std::string_view close);
  NodeId Digits(uint32_t least, uint32_t most) {
    return syntax_.Repeat(syntax_.Set(CodePoints({{'0', '9'}})), least, most);
  }

 private:
  Syntax& syntax_;
  std::optional<RuleId> space_;
  std::optional<RuleId> value_;
  std::optional<RuleId> object_;
  std::optional<RuleId> array_;
  std::optional<RuleId> string_;
  std::optional<RuleId> character_;
  std::optional<RuleId> number_;
};

}  // namespace ledge::grammar
