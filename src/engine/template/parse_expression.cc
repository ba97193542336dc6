// The expressions' half of the parser. Precedence, from loose to tight, as in Jinja 3.1: if-else,
// or, and, not, comparison and `in`, + and -, ~, * / // %, **, unary + and -, `.name` `[...]`
// `(...)`, filters and tests. That ~ binds tighter than + and that ** groups from the left are
// Jinja's own.
#include <charconv>
#include <span>

#include "engine/template/parser_state.h"

namespace ledge::jinja {
namespace {

struct OpText {
  std::string_view text;
  Op op;
};
constexpr OpText kSums[] = {{"+", Op::kAdd}, {"-", Op::kSubtract}};
constexpr OpText kJoins[] = {{"~", Op::kConcatenate}};
constexpr OpText kProducts[] = {
    {"*", Op::kMultiply}, {"/", Op::kDivide}, {"//", Op::kFloorDivide}, {"%", Op::kModulo}};
constexpr OpText kPowers[] = {{"**", Op::kPower}};
constexpr std::span<const OpText> kLevels[] = {kSums, kJoins, kProducts, kPowers};

constexpr OpText kComparisons[] = {{"==", Op::kEqual},  {"!=", Op::kNotEqual},
                                   {"<", Op::kLess},    {"<=", Op::kLessEqual},
                                   {">", Op::kGreater}, {">=", Op::kGreaterEqual}};

}  // namespace

ExprPtr Parser::NewExpr(Expr::Kind kind) const {
  auto expr = std::make_unique<Expr>();
  expr->kind = kind;
  expr->line = Peek().line;
  return expr;
}

Result<ExprPtr> Parser::Sealed(ExprPtr expr) const {
  for (const auto& part : expr->parts) {
    if (part) expr->height = std::max(expr->height, part->height + 1);
  }
  if (expr->height <= kMaxExpressionHeight) return expr;
  return MakeError(Code::kUnsupported, "line {}: an expression more than {} levels high",
                   expr->line, kMaxExpressionHeight);
}

bool Parser::AtTupleEnd() const {
  const auto kind = Peek().kind;
  return kind == TokenKind::kVariableEnd || kind == TokenKind::kBlockEnd || PeekOp(")") ||
         PeekName("recursive");
}

// One expression, or several with commas between, which make a tuple.
Result<ExprPtr> Parser::ParseTuple(bool with_ternary, bool parenthesised) {
  auto tuple = NewExpr(Expr::Kind::kTuple);
  bool commas = false;
  while (!AtTupleEnd()) {
    LEDGE_TRY(auto part, ParseExpression(with_ternary));
    tuple->parts.push_back(std::move(part));
    if (!SkipOp(",")) break;
    commas = true;
  }
  if (!commas && tuple->parts.size() == 1) return std::move(tuple->parts[0]);
  if (tuple->parts.empty() && !parenthesised) return Unexpected("an expression");
  return Sealed(std::move(tuple));
}

Result<ExprPtr> Parser::ParseExpression(bool with_ternary) {
  const Nesting nesting(depth_);
  LEDGE_CHECK_OK(CheckDepth());
  LEDGE_TRY(auto value, ParseOr());
  while (with_ternary && PeekName("if")) {
    auto ternary = NewExpr(Expr::Kind::kTernary);
    Next();
    LEDGE_TRY(auto condition, ParseOr());
    ExprPtr otherwise;
    if (SkipName("else")) {
      LEDGE_TRY(otherwise, ParseExpression());
    }
    ternary->parts.push_back(std::move(value));
    ternary->parts.push_back(std::move(condition));
    ternary->parts.push_back(std::move(otherwise));
    LEDGE_TRY(value, Sealed(std::move(ternary)));
  }
  return value;
}

Result<ExprPtr> Parser::ParseOr() {
  auto chain = NewExpr(Expr::Kind::kOr);
  do {
    LEDGE_TRY(auto part, ParseAnd());
    chain->parts.push_back(std::move(part));
  } while (SkipName("or"));
  if (chain->parts.size() == 1) return std::move(chain->parts[0]);
  return Sealed(std::move(chain));
}

Result<ExprPtr> Parser::ParseAnd() {
  auto chain = NewExpr(Expr::Kind::kAnd);
  do {
    LEDGE_TRY(auto part, ParseNot());
    chain->parts.push_back(std::move(part));
  } while (SkipName("and"));
  if (chain->parts.size() == 1) return std::move(chain->parts[0]);
  return Sealed(std::move(chain));
}

Result<ExprPtr> Parser::ParseNot() {
  if (!PeekName("not")) return ParseCompare();
  const Nesting nesting(depth_);
  LEDGE_CHECK_OK(CheckDepth());
  auto negation = NewExpr(Expr::Kind::kNot);
  Next();
  LEDGE_TRY(auto operand, ParseNot());
  negation->parts.push_back(std::move(operand));
  return Sealed(std::move(negation));
}

Result<ExprPtr> Parser::ParseCompare() {
  auto chain = NewExpr(Expr::Kind::kCompare);
  LEDGE_TRY(auto first, ParseBinary(0));
  chain->parts.push_back(std::move(first));
  while (true) {
    const size_t before = chain->ops.size();
    for (const auto& [text, op] : kComparisons) {
      if (!SkipOp(text)) continue;
      chain->ops.push_back(op);
      break;
    }
    if (chain->ops.size() == before) {
      const bool negated = PeekName("not") && at_ + 1 < tokens_.size() &&
                           tokens_[at_ + 1].kind == TokenKind::kName &&
                           tokens_[at_ + 1].text == "in";
      if (!negated && !PeekName("in")) break;
      Next();
      if (negated) Next();
      chain->ops.push_back(negated ? Op::kNotIn : Op::kIn);
    }
    LEDGE_TRY(auto next, ParseBinary(0));
    chain->parts.push_back(std::move(next));
  }
  if (chain->ops.empty()) return std::move(chain->parts[0]);
  return Sealed(std::move(chain));
}

Result<ExprPtr> Parser::ParseBinary(int level) {
  if (level == static_cast<int>(std::size(kLevels))) return ParseUnary(true);
  auto chain = NewExpr(Expr::Kind::kChain);
  LEDGE_TRY(auto first, ParseBinary(level + 1));
  chain->parts.push_back(std::move(first));
  while (true) {
    const size_t before = chain->ops.size();
    for (const auto& [text, op] : kLevels[level]) {
      if (!SkipOp(text)) continue;
      chain->ops.push_back(op);
      break;
    }
    if (chain->ops.size() == before) break;
    LEDGE_TRY(auto next, ParseBinary(level + 1));
    chain->parts.push_back(std::move(next));
  }
  if (chain->ops.empty()) return std::move(chain->parts[0]);
  return Sealed(std::move(chain));
}

Result<ExprPtr> Parser::ParseUnary(bool with_filters) {
  const Nesting nesting(depth_);
  LEDGE_CHECK_OK(CheckDepth());
  ExprPtr expr;
  if (PeekOp("-") || PeekOp("+")) {
    expr = NewExpr(PeekOp("-") ? Expr::Kind::kNegate : Expr::Kind::kPositive);
    Next();
    LEDGE_TRY(auto operand, ParseUnary(false));
    expr->parts.push_back(std::move(operand));
    LEDGE_TRY(expr, Sealed(std::move(expr)));
  } else {
    LEDGE_TRY(expr, ParsePrimary());
  }
  LEDGE_TRY(expr, ParsePostfix(std::move(expr)));
  if (with_filters) return ParseFilters(std::move(expr));
  return expr;
}

Result<ExprPtr> Parser::ParsePrimary() {
  switch (Peek().kind) {
    case TokenKind::kName:
      return ParseName();
    case TokenKind::kInteger:
    case TokenKind::kFloat:
      return ParseNumber();
    case TokenKind::kString: {
      auto expr = NewExpr(Expr::Kind::kLiteral);
      std::string all;
      while (Peek().kind == TokenKind::kString) {
        LEDGE_TRY(const auto piece,
                  DecodeString(Peek().text).WithContext(fmt::format("line {}", Peek().line)));
        all += piece;
        Next();
      }
      expr->literal = Text::Literal(std::move(all));
      return expr;
    }
    default:
      break;
  }
  if (PeekOp("[")) return ParseList();
  if (PeekOp("{")) return ParseDict();
  if (!SkipOp("(")) return Unexpected("an expression");
  LEDGE_TRY(auto inner, ParseTuple(true, true));
  LEDGE_CHECK_OK(ExpectOp(")"));
  return inner;
}

Result<ExprPtr> Parser::ParseName() {
  auto expr = NewExpr(Expr::Kind::kLiteral);
  const auto name = Next().text;
  if (name == "true" || name == "True") {
    expr->literal = true;
  } else if (name == "false" || name == "False") {
    expr->literal = false;
  } else if (name == "none" || name == "None") {
    expr->literal = None{};
  } else {
    expr->kind = Expr::Kind::kName;
    expr->symbol = Intern(name);
  }
  return expr;
}

Result<ExprPtr> Parser::ParseNumber() {
  auto expr = NewExpr(Expr::Kind::kLiteral);
  const LexerToken& token = Next();
  std::string digits;
  for (const char c : token.text) {
    if (c != '_') digits.push_back(c);
  }
  const auto bad = [&] {
    return MakeError(Code::kMalformed, "line {}: the number '{}' is malformed or too large",
                     token.line, token.text.substr(0, 40));
  };
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  if (token.kind == TokenKind::kFloat) {
    double value = 0;
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error != std::errc() || stop != end) return bad();
    expr->literal = value;
    return expr;
  }
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0') {
    const char letter = static_cast<char>(digits[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
    if (base != 10) begin += 2;
  }
  int64_t value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value, base);
  if (error != std::errc() || stop != end || *begin == '-') return bad();
  expr->literal = value;
  return expr;
}

Result<ExprPtr> Parser::ParseList() {
  auto list = NewExpr(Expr::Kind::kList);
  Next();
  while (!PeekOp("]")) {
    if (!list->parts.empty()) {
      LEDGE_CHECK_OK(ExpectOp(","));
      if (PeekOp("]")) break;
    }
    LEDGE_TRY(auto item, ParseExpression());
    list->parts.push_back(std::move(item));
  }
  Next();
  return Sealed(std::move(list));
}

Result<ExprPtr> Parser::ParseDict() {
  auto dict = NewExpr(Expr::Kind::kDict);
  Next();
  while (!PeekOp("}")) {
    if (!dict->parts.empty()) {
      LEDGE_CHECK_OK(ExpectOp(","));
      if (PeekOp("}")) break;
    }
    LEDGE_TRY(auto key, ParseExpression());
    LEDGE_CHECK_OK(ExpectOp(":"));
    LEDGE_TRY(auto value, ParseExpression());
    dict->parts.push_back(std::move(key));
    dict->parts.push_back(std::move(value));
  }
  Next();
  return Sealed(std::move(dict));
}

Result<ExprPtr> Parser::ParsePostfix(ExprPtr expr) {
  while (true) {
    if (PeekOp(".") || PeekOp("[")) {
      LEDGE_TRY(expr, ParseSubscript(std::move(expr)));
    } else if (PeekOp("(")) {
      auto call = NewExpr(Expr::Kind::kCall);
      call->parts.push_back(std::move(expr));
      LEDGE_CHECK_OK(ParseArguments(*call));
      LEDGE_TRY(expr, Sealed(std::move(call)));
    } else {
      return expr;
    }
  }
}

Result<ExprPtr> Parser::ParseFilters(ExprPtr expr) {
  while (true) {
    if (PeekOp("|")) {
      LEDGE_TRY(expr, ParseFilter(std::move(expr)));
    } else if (PeekName("is")) {
      LEDGE_TRY(expr, ParseTest(std::move(expr)));
    } else if (PeekOp("(")) {
      auto call = NewExpr(Expr::Kind::kCall);
      call->parts.push_back(std::move(expr));
      LEDGE_CHECK_OK(ParseArguments(*call));
      LEDGE_TRY(expr, Sealed(std::move(call)));
    } else {
      return expr;
    }
  }
}

Result<ExprPtr> Parser::ParseSubscript(ExprPtr base) {
  auto expr = NewExpr(Expr::Kind::kItem);
  if (SkipOp(".")) {
    if (Peek().kind == TokenKind::kInteger) {
      LEDGE_TRY(auto index, ParseNumber());
      expr->parts.push_back(std::move(base));
      expr->parts.push_back(std::move(index));
      return Sealed(std::move(expr));
    }
    expr->kind = Expr::Kind::kAttribute;
    LEDGE_TRY(expr->name, ExpectIdentifier());
    expr->parts.push_back(std::move(base));
    return Sealed(std::move(expr));
  }
  Next();  // [
  ExprPtr bounds[3];
  bool colons = false;
  for (int i = 0; i < 3; ++i) {
    if (!PeekOp(":") && !PeekOp("]")) {
      LEDGE_TRY(bounds[i], ParseExpression());
    }
    if (i == 2 || !SkipOp(":")) break;
    colons = true;
  }
  LEDGE_CHECK_OK(ExpectOp("]"));
  expr->parts.push_back(std::move(base));
  if (!colons) {
    if (!bounds[0]) return Unexpected("an index before it");
    expr->parts.push_back(std::move(bounds[0]));
    return Sealed(std::move(expr));
  }
  expr->kind = Expr::Kind::kSlice;
  for (auto& bound : bounds) expr->parts.push_back(std::move(bound));
  return Sealed(std::move(expr));
}

// At the '|', or, in a filter block, at the name.
Result<ExprPtr> Parser::ParseFilter(ExprPtr operand) {
  SkipOp("|");
  auto filter = NewExpr(Expr::Kind::kFilter);
  LEDGE_TRY(filter->name, ExpectIdentifier());
  filter->parts.push_back(std::move(operand));
  if (PeekOp("(")) LEDGE_CHECK_OK(ParseArguments(*filter));
  return Sealed(std::move(filter));
}

Result<ExprPtr> Parser::ParseTest(ExprPtr operand) {
  const Nesting nesting(depth_);
  LEDGE_CHECK_OK(CheckDepth());
  auto test = NewExpr(Expr::Kind::kTest);
  Next();  // is
  const bool negated = SkipName("not");
  LEDGE_TRY(test->name, ExpectIdentifier());
  test->parts.push_back(std::move(operand));
  const auto kind = Peek().kind;
  const bool value_follows =
      (kind == TokenKind::kName && !PeekName("else") && !PeekName("or") && !PeekName("and")) ||
      kind == TokenKind::kString || kind == TokenKind::kInteger || kind == TokenKind::kFloat ||
      PeekOp("[") || PeekOp("{");
  if (PeekOp("(")) {
    LEDGE_CHECK_OK(ParseArguments(*test));
  } else if (value_follows) {
    if (PeekName("is")) return Unexpected("one test only");
    LEDGE_TRY(auto argument, ParsePrimary());
    LEDGE_TRY(argument, ParsePostfix(std::move(argument)));
    test->parts.push_back(std::move(argument));
  }
  LEDGE_TRY(test, Sealed(std::move(test)));
  if (!negated) return test;
  auto negation = NewExpr(Expr::Kind::kNot);
  negation->parts.push_back(std::move(test));
  return Sealed(std::move(negation));
}

Result<void> Parser::ParseArguments(Expr& call) {
  LEDGE_CHECK_OK(ExpectOp("("));
  bool first = true;
  while (!PeekOp(")")) {
    if (!first) {
      LEDGE_CHECK_OK(ExpectOp(","));
      if (PeekOp(")")) break;
    }
    first = false;
    if (PeekOp("*") || PeekOp("**")) {
      return MakeError(Code::kUnsupported, "line {}: arguments unpacked with '{}'", Peek().line,
                       Peek().text);
    }
    const bool named = Peek().kind == TokenKind::kName &&
                       tokens_[at_ + 1].kind == TokenKind::kOperator &&
                       tokens_[at_ + 1].text == "=";
    if (named) {
      call.keywords.emplace_back(Next().text);
      Next();
    } else if (!call.keywords.empty()) {
      return Unexpected("a named argument, as the ones before are named");
    }
    LEDGE_TRY(auto value, ParseExpression());
    call.parts.push_back(std::move(value));
  }
  Next();
  return {};
}

}  // namespace ledge::jinja
