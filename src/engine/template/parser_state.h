// What the two halves of the parser (parser.cc: statements, parse_expression.cc: expressions)
// share.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/template/ast.h"
#include "engine/template/lexer.h"

namespace ledge::jinja {

class Parser {
 public:
  explicit Parser(std::vector<LexerToken> tokens) : tokens_(std::move(tokens)) {}
  Result<Program> Run();

 private:
  // Counts what is inside what; leave() happens when it goes out of scope.
  class Nesting {
   public:
    explicit Nesting(int& depth) : depth_(depth) { ++depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    ~Nesting() { --depth_; }

   private:
    int& depth_;
  };
  Result<void> CheckDepth() const;

  // Tokens.
  const LexerToken& Peek() const { return tokens_[at_]; }
  const LexerToken& Next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool PeekOp(std::string_view op) const {
    return Peek().kind == TokenKind::kOperator && Peek().text == op;
  }
  bool PeekName(std::string_view name) const {
    return Peek().kind == TokenKind::kName && Peek().text == name;
  }
  bool SkipOp(std::string_view op);
  bool SkipName(std::string_view name);
  Result<void> ExpectOp(std::string_view op);
  Result<void> ExpectName(std::string_view name);
  Result<void> Expect(TokenKind kind, std::string_view what);
  Result<std::string> ExpectIdentifier();
  Error Unexpected(std::string_view wanted) const;
  Symbol Intern(std::string_view name);

  // Statements.
  Result<Body> ParseBody(std::initializer_list<std::string_view> ends);
  Result<std::unique_ptr<Stmt>> ParseStatement();
  Result<std::unique_ptr<Stmt>> ParseIf();
  Result<std::unique_ptr<Stmt>> ParseFor();
  Result<std::unique_ptr<Stmt>> ParseSet();
  Result<std::unique_ptr<Stmt>> ParseMacro();
  Result<std::unique_ptr<Stmt>> ParseCallBlock();
  Result<std::unique_ptr<Stmt>> ParseFilterBlock();
  Result<std::unique_ptr<Stmt>> ParseWith();
  Result<std::unique_ptr<Stmt>> ParseGeneration();
  Result<std::unique_ptr<Stmt>> ParseLoopControl();
  std::unique_ptr<Callable> NewCallable();
  Result<void> ParseSignature(Callable& callable);
  Result<Target> ParseTarget(bool with_attributes);
  Result<Target> ParseOneTarget(bool with_attributes);
  std::unique_ptr<Stmt> NewStmt(Stmt::Kind kind) const;

  // Expressions.
  Result<ExprPtr> ParseTuple(bool with_ternary, bool parenthesised);
  bool AtTupleEnd() const;
  Result<ExprPtr> ParseExpression(bool with_ternary = true);
  Result<ExprPtr> ParseOr();
  Result<ExprPtr> ParseAnd();
  Result<ExprPtr> ParseNot();
  Result<ExprPtr> ParseCompare();
  Result<ExprPtr> ParseBinary(int level);
  Result<ExprPtr> ParseUnary(bool with_filters);
  Result<ExprPtr> ParsePrimary();
  Result<ExprPtr> ParseName();
  Result<ExprPtr> ParseNumber();
  Result<ExprPtr> ParseList();
  Result<ExprPtr> ParseDict();
  Result<ExprPtr> ParsePostfix(ExprPtr expr);
  Result<ExprPtr> ParseFilters(ExprPtr expr);
  Result<ExprPtr> ParseSubscript(ExprPtr base);
  Result<ExprPtr> ParseFilter(ExprPtr operand);
  Result<ExprPtr> ParseTest(ExprPtr operand);
  Result<void> ParseArguments(Expr& call);
  ExprPtr NewExpr(Expr::Kind kind) const;
  // Sets the height from the parts.
  Result<ExprPtr> Sealed(ExprPtr expr) const;

  std::vector<LexerToken> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  int loops_ = 0;  // for break and continue
  std::map<std::string, Symbol, std::less<>> symbols_;
  Program program_;
};

}  // namespace ledge::jinja
