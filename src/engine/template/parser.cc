#include "engine/template/parser.h"

#include <algorithm>

#include "engine/template/parser_state.h"

namespace ledge::jinja {

Result<Program> ParseProgram(std::string_view source) {
  LEDGE_TRY(auto tokens, Tokenize(source));
  return Parser(std::move(tokens)).Run();
}

Result<Program> Parser::Run() {
  program_.loop = Intern("loop");
  LEDGE_TRY(program_.body, ParseBody({}));
  return std::move(program_);
}

Result<void> Parser::CheckDepth() const {
  if (depth_ <= kMaxParseDepth) return {};
  return MakeError(Code::kUnsupported,
                   "line {}: more than {} brackets and blocks inside each other", Peek().line,
                   kMaxParseDepth);
}

bool Parser::SkipOp(std::string_view op) {
  if (!PeekOp(op)) return false;
  Next();
  return true;
}

bool Parser::SkipName(std::string_view name) {
  if (!PeekName(name)) return false;
  Next();
  return true;
}

Result<void> Parser::ExpectOp(std::string_view op) {
  if (SkipOp(op)) return {};
  return Unexpected(op);
}

Result<void> Parser::ExpectName(std::string_view name) {
  if (SkipName(name)) return {};
  return Unexpected(name);
}

Result<void> Parser::Expect(TokenKind kind, std::string_view what) {
  if (Peek().kind != kind) return Unexpected(what);
  Next();
  return {};
}

Result<std::string> Parser::ExpectIdentifier() {
  if (Peek().kind != TokenKind::kName) return Unexpected("a name");
  return std::string(Next().text);
}

Error Parser::Unexpected(std::string_view wanted) const {
  const std::string_view found = Peek().kind == TokenKind::kEnd    ? "the end of the template"
                                 : Peek().kind == TokenKind::kData ? "text"
                                                                   : Peek().text;
  return MakeError(Code::kMalformed, "line {}: found '{}'; expected {}", Peek().line,
                   found.substr(0, 40), wanted);
}

Symbol Parser::Intern(std::string_view name) {
  const auto found = symbols_.find(name);
  if (found != symbols_.end()) return found->second;
  const auto symbol = static_cast<Symbol>(program_.names.size());
  program_.names.emplace_back(name);
  symbols_.emplace(std::string(name), symbol);
  return symbol;
}

std::unique_ptr<Stmt> Parser::NewStmt(Stmt::Kind kind) const {
  auto stmt = std::make_unique<Stmt>();
  stmt->kind = kind;
  stmt->line = Peek().line;
  return stmt;
}

// Up to a tag that begins with one of `ends`, which stays to be read (without its "{%"), or,
// without `ends`, up to the end of the template.
Result<Body> Parser::ParseBody(std::initializer_list<std::string_view> ends) {
  const Nesting nesting(depth_);
  LEDGE_CHECK_OK(CheckDepth());
  Body body;
  while (Peek().kind != TokenKind::kEnd) {
    if (Peek().kind == TokenKind::kData) {
      auto stmt = NewStmt(Stmt::Kind::kText);
      stmt->text = Text::Literal(std::string(Next().text));
      body.push_back(std::move(stmt));
      continue;
    }
    if (Peek().kind == TokenKind::kVariableBegin) {
      Next();
      auto stmt = NewStmt(Stmt::Kind::kOutput);
      LEDGE_TRY(auto expr, ParseTuple(true, false));
      stmt->exprs.push_back(std::move(expr));
      LEDGE_CHECK_OK(Expect(TokenKind::kVariableEnd, "'}}'"));
      body.push_back(std::move(stmt));
      continue;
    }
    LEDGE_CHECK_OK(Expect(TokenKind::kBlockBegin, "'{%'"));
    if (Peek().kind == TokenKind::kName &&
        std::find(ends.begin(), ends.end(), Peek().text) != ends.end()) {
      return body;
    }
    LEDGE_TRY(auto stmt, ParseStatement());
    LEDGE_CHECK_OK(Expect(TokenKind::kBlockEnd, "'%}'"));
    body.push_back(std::move(stmt));
  }
  if (ends.size() == 0) return body;
  return Unexpected(fmt::format("{{% {} %}}", *(ends.end() - 1)));
}

Result<std::unique_ptr<Stmt>> Parser::ParseStatement() {
  using Handler = Result<std::unique_ptr<Stmt>> (Parser::*)();
  static constexpr std::pair<std::string_view, Handler> kTags[] = {
      {"if", &Parser::ParseIf},
      {"for", &Parser::ParseFor},
      {"set", &Parser::ParseSet},
      {"macro", &Parser::ParseMacro},
      {"call", &Parser::ParseCallBlock},
      {"filter", &Parser::ParseFilterBlock},
      {"with", &Parser::ParseWith},
      {"generation", &Parser::ParseGeneration},
      {"break", &Parser::ParseLoopControl},
      {"continue", &Parser::ParseLoopControl},
  };
  static constexpr std::string_view kRefused[] = {"include", "import",     "from",  "extends",
                                                  "block",   "autoescape", "trans", "debug"};
  const LexerToken& tag = Peek();
  if (tag.kind != TokenKind::kName) return Unexpected("the name of a tag");
  for (const auto& [name, handler] : kTags) {
    if (tag.text == name) return (this->*handler)();
  }
  if (SkipName("do")) {
    auto stmt = NewStmt(Stmt::Kind::kDo);
    LEDGE_TRY(auto expr, ParseTuple(true, false));
    stmt->exprs.push_back(std::move(expr));
    return stmt;
  }
  std::string known = "do";
  for (const auto& [name, handler] : kTags) known += fmt::format(", {}", name);
  if (std::find(std::begin(kRefused), std::end(kRefused), tag.text) != std::end(kRefused)) {
    return MakeError(Code::kUnsupported,
                     "line {}: the tag '{}' has no place in a chat template; known are {}",
                     tag.line, tag.text, known);
  }
  return MakeError(Code::kMalformed, "line {}: unknown tag '{}'; known are {}", tag.line,
                   tag.text.substr(0, 40), known);
}

Result<std::unique_ptr<Stmt>> Parser::ParseIf() {
  auto stmt = NewStmt(Stmt::Kind::kIf);
  while (true) {
    Next();  // if, elif
    LEDGE_TRY(auto condition, ParseTuple(false, false));
    stmt->exprs.push_back(std::move(condition));
    LEDGE_CHECK_OK(Expect(TokenKind::kBlockEnd, "'%}'"));
    LEDGE_TRY(auto body, ParseBody({"elif", "else", "endif"}));
    stmt->bodies.push_back(std::move(body));
    if (!PeekName("elif")) break;
  }
  if (SkipName("else")) {
    LEDGE_CHECK_OK(Expect(TokenKind::kBlockEnd, "'%}'"));
    LEDGE_TRY(auto body, ParseBody({"endif"}));
    stmt->bodies.push_back(std::move(body));
  }
  LEDGE_CHECK_OK(ExpectName("endif"));
  return stmt;
}

Result<std::unique_ptr<Stmt>> Parser::ParseFor() {
  auto stmt = NewStmt(Stmt::Kind::kFor);
  Next();
  LEDGE_TRY(stmt->target, ParseTarget(false));
  LEDGE_CHECK_OK(ExpectName("in"));
  LEDGE_TRY(auto items, ParseTuple(false, false));
  stmt->exprs.push_back(std::move(items));
  ExprPtr condition;
  if (SkipName("if")) {
    LEDGE_TRY(condition, ParseExpression());
  }
  stmt->exprs.push_back(std::move(condition));
  stmt->recursive = SkipName("recursive");
  LEDGE_CHECK_OK(Expect(TokenKind::kBlockEnd, "'%}'"));
  ++loops_;
  LEDGE_TRY(auto body, ParseBody({"else", "endfor"}));
  --loops_;
  stmt->bodies.push_back(std::move(body));
  Body otherwise;
  if (SkipName("else")) {
    LEDGE_CHECK_OK(Expect(TokenKind::kBlockEnd, "'%}'"));
    LEDGE_TRY(otherwise, ParseBody({"endfor"}));
  }
  stmt->bodies.push_back(std::move(otherwise));
  LEDGE_CHECK_OK(ExpectName("endfor"));
  return stmt;
}

Result<std::unique_ptr<Stmt>> Parser::ParseSet() {
  auto stmt = NewStmt(Stmt::Kind::kSet);
  Next();
  LEDGE_TRY(stmt->target, ParseTarget(true));
  if (SkipOp("=")) {
    LEDGE_TRY(auto value, ParseTuple(true, false));
    stmt->exprs.push_back(std::move(value));
    return stmt;
  }
  stmt->kind = Stmt::Kind::kSetBlock;
  ExprPtr filter;
  while (PeekOp("|")) {
    LEDGE_TRY(filter, ParseFilter(std::move(filter)));
  }
  stmt->exprs.push_back(std::move(filter));
  LEDGE_CHECK_OK(Expect(TokenKind::kBlockEnd, "'%}' or '='"));
  LEDGE_TRY(auto body, ParseBody({"endset"}));
  stmt->bodies.push_back(std::move(body));
  LEDGE_CHECK_OK(ExpectName("endset"));
  return stmt;
}

Result<std::unique_ptr<Stmt>> Parser::ParseMacro() {
  auto stmt = NewStmt(Stmt::Kind::kMacro);
  Next();
  stmt->callable = NewCallable();
  LEDGE_TRY(stmt->callable->name, ExpectIdentifier());
  stmt->symbol = Intern(stmt->callable->name);
  LEDGE_CHECK_OK(ParseSignature(*stmt->callable));
  LEDGE_CHECK_OK(Expect(TokenKind::kBlockEnd, "'%}'"));
  const int loops = std::exchange(loops_, 0);
  LEDGE_TRY(stmt->callable->body, ParseBody({"endmacro"}));
  loops_ = loops;
  LEDGE_CHECK_OK(ExpectName("endmacro"));
  return stmt;
}

Result<std::unique_ptr<Stmt>> Parser::ParseCallBlock() {
  auto stmt = NewStmt(Stmt::Kind::kCallBlock);
  Next();
  stmt->callable = NewCallable();
  stmt->callable->name = "caller";
  if (PeekOp("(")) LEDGE_CHECK_OK(ParseSignature(*stmt->callable));
  LEDGE_TRY(auto call, ParseExpression());
  if (call->kind != Expr::Kind::kCall) return Unexpected("a call of a macro before it");
  stmt->exprs.push_back(std::move(call));
  LEDGE_CHECK_OK(Expect(TokenKind::kBlockEnd, "'%}'"));
  const int loops = std::exchange(loops_, 0);
  LEDGE_TRY(stmt->callable->body, ParseBody({"endcall"}));
  loops_ = loops;
  LEDGE_CHECK_OK(ExpectName("endcall"));
  return stmt;
}

Result<std::unique_ptr<Stmt>> Parser::ParseFilterBlock() {
  auto stmt = NewStmt(Stmt::Kind::kFilter);
  Next();
  // Written without the first '|'.
  ExprPtr filter;
  do {
    LEDGE_TRY(filter, ParseFilter(std::move(filter)));
  } while (PeekOp("|"));
  stmt->exprs.push_back(std::move(filter));
  LEDGE_CHECK_OK(Expect(TokenKind::kBlockEnd, "'%}'"));
  LEDGE_TRY(auto body, ParseBody({"endfilter"}));
  stmt->bodies.push_back(std::move(body));
  LEDGE_CHECK_OK(ExpectName("endfilter"));
  return stmt;
}

Result<std::unique_ptr<Stmt>> Parser::ParseWith() {
  auto stmt = NewStmt(Stmt::Kind::kWith);
  Next();
  while (Peek().kind != TokenKind::kBlockEnd) {
    if (!stmt->targets.empty()) LEDGE_CHECK_OK(ExpectOp(","));
    LEDGE_TRY(auto target, ParseOneTarget(false));
    LEDGE_CHECK_OK(ExpectOp("="));
    LEDGE_TRY(auto value, ParseExpression());
    stmt->targets.push_back(std::move(target));
    stmt->exprs.push_back(std::move(value));
  }
  Next();
  LEDGE_TRY(auto body, ParseBody({"endwith"}));
  stmt->bodies.push_back(std::move(body));
  LEDGE_CHECK_OK(ExpectName("endwith"));
  return stmt;
}

// transformers' own tag: marks what the assistant says; for rendering only a scope.
Result<std::unique_ptr<Stmt>> Parser::ParseGeneration() {
  auto stmt = NewStmt(Stmt::Kind::kWith);
  Next();
  LEDGE_CHECK_OK(Expect(TokenKind::kBlockEnd, "'%}'"));
  LEDGE_TRY(auto body, ParseBody({"endgeneration"}));
  stmt->bodies.push_back(std::move(body));
  LEDGE_CHECK_OK(ExpectName("endgeneration"));
  return stmt;
}

Result<std::unique_ptr<Stmt>> Parser::ParseLoopControl() {
  if (loops_ == 0) {
    return MakeError(Code::kMalformed, "line {}: '{}' outside of a loop", Peek().line, Peek().text);
  }
  auto stmt = NewStmt(PeekName("break") ? Stmt::Kind::kBreak : Stmt::Kind::kContinue);
  Next();
  return stmt;
}

std::unique_ptr<Callable> Parser::NewCallable() {
  auto callable = std::make_unique<Callable>();
  callable->varargs = Intern("varargs");
  callable->kwargs = Intern("kwargs");
  callable->caller = Intern("caller");
  return callable;
}

Result<void> Parser::ParseSignature(Callable& callable) {
  LEDGE_CHECK_OK(ExpectOp("("));
  while (!PeekOp(")")) {
    if (!callable.parameters.empty()) LEDGE_CHECK_OK(ExpectOp(","));
    LEDGE_TRY(auto name, ExpectIdentifier());
    callable.symbols.push_back(Intern(name));
    callable.parameters.push_back(std::move(name));
    if (SkipOp("=")) {
      LEDGE_TRY(auto value, ParseExpression());
      callable.defaults.push_back(std::move(value));
    } else if (!callable.defaults.empty()) {
      return Unexpected("a default, as the parameters before have one");
    }
  }
  Next();
  return {};
}

Result<Target> Parser::ParseOneTarget(bool with_attributes) {
  const Nesting nesting(depth_);
  LEDGE_CHECK_OK(CheckDepth());
  if (SkipOp("(")) {
    LEDGE_TRY(auto inner, ParseTarget(with_attributes));
    LEDGE_CHECK_OK(ExpectOp(")"));
    return inner;
  }
  static constexpr std::string_view kConstants[] = {"true", "false", "none",
                                                    "True", "False", "None"};
  Target target;
  LEDGE_TRY(const auto name, ExpectIdentifier());
  if (std::find(std::begin(kConstants), std::end(kConstants), name) != std::end(kConstants)) {
    return MakeError(Code::kMalformed, "line {}: '{}' can't be assigned to", Peek().line, name);
  }
  target.symbol = Intern(name);
  if (with_attributes && SkipOp(".")) {
    target.kind = Target::Kind::kAttribute;
    LEDGE_TRY(target.attribute, ExpectIdentifier());
  }
  return target;
}

Result<Target> Parser::ParseTarget(bool with_attributes) {
  LEDGE_TRY(auto first, ParseOneTarget(with_attributes));
  if (!PeekOp(",")) return first;
  Target tuple;
  tuple.kind = Target::Kind::kTuple;
  tuple.parts.push_back(std::move(first));
  while (SkipOp(",")) {
    if (Peek().kind != TokenKind::kName && !PeekOp("(")) break;
    if (PeekName("in")) break;
    LEDGE_TRY(auto next, ParseOneTarget(with_attributes));
    tuple.parts.push_back(std::move(next));
  }
  return tuple;
}

}  // namespace ledge::jinja
