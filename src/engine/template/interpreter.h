// Walks over a Program and writes its text. One interpreter renders once, on one thread.
//
// Whatever a template does is one of these methods or an entry of the tables of filters, tests,
// methods and functions: there is no way from a template to a file, a socket, or anything else of
// the process. Errors are kMalformed (what Python or Jinja would raise), kUnsupported (a limit, or
// something this interpreter lacks, by name) or kUsage (raise_exception).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/template/ast.h"

namespace ledge::jinja {

struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string_view, Value>> named;
};

// The variables of one block; the innermost one is looked at first.
struct Scope {
  const Scope* parent = nullptr;
  uint64_t serial = 0;
  std::vector<std::pair<Symbol, Value>> variables;
};

struct Namespace {
  std::vector<std::pair<std::string, Value>> attributes;
  const Value* Find(std::string_view name) const;
};

struct Macro {
  const Callable* callable = nullptr;
  Scope* scope = nullptr;  // where it was defined; alive while `serial` is among the active scopes
  uint64_t serial = 0;
};

struct LoopState {
  std::shared_ptr<const List> items;  // null once the loop is over
  size_t index = 0;
  int depth = 0;
  const Stmt* recursive = nullptr;
  Scope* outer = nullptr;
  mutable std::optional<Value> last;  // of changed()
};

class Interpreter;

struct Function {
  std::string_view name;
  Result<Value> (*call)(Interpreter&, const Arguments&) = nullptr;
};

class Interpreter {
 public:
  Interpreter(const Program& program, Heap& heap, std::chrono::system_clock::time_point now);

  // Before Run: gives a variable to the template. Names that the template doesn't mention are
  // dropped.
  bool Mentions(std::string_view name) const;
  Result<void> Define(std::string_view name, Value value);
  // The whole text.
  Result<Text> Run();
  // The line that ran last, for messages.
  int line() const { return line_; }

  // For filters, tests, methods and functions.
  Heap& heap() { return heap_; }
  std::chrono::system_clock::time_point now() const { return now_; }
  Result<Namespace*> NewNamespace();
  Result<void> SetAttribute(Namespace& ns, std::string_view name, Value value);
  Result<Value> GetAttribute(const Value& base, std::string_view name);
  Result<Value> GetItem(const Value& base, const Value& key);
  // `a.b.0` as the attribute argument of map, selectattr, sort, ...; kMalformed on undefined in
  // between.
  Result<Value> GetPath(const Value& base, const Value& path);
  Result<Value> Call(const Value& callee, Arguments arguments);
  Result<Value> ApplyFilter(std::string_view name, const Value& operand,
                            const Arguments& arguments);
  Result<bool> ApplyTest(std::string_view name, const Value& operand, const Arguments& arguments);
  // What a for loop would see: items, keys, or characters.
  Result<std::shared_ptr<const List>> Sequence(const Value& value);

 private:
  enum class Flow : uint8_t { kNext, kBreak, kContinue };
  class Nested;       // counts the depth of evaluation
  class ScopeGuard;   // makes a scope the current one
  class OutputGuard;  // makes a builder the current output

  Result<void> CheckDepth() const;

  // Expressions (evaluate.cc).
  Result<Value> Eval(const Expr& expr);
  Result<Value> EvalName(const Expr& expr);
  Result<Value> EvalList(const Expr& expr);
  Result<Value> EvalDict(const Expr& expr);
  Result<Value> EvalAttribute(const Expr& expr);
  Result<Value> EvalItem(const Expr& expr);
  Result<Value> EvalSlice(const Expr& expr);
  Result<Value> EvalCall(const Expr& expr);
  Result<Value> EvalFilter(const Expr& expr);
  Result<Value> EvalTest(const Expr& expr);
  Result<Value> EvalUnary(const Expr& expr);
  Result<Value> EvalChain(const Expr& expr);
  Result<Value> EvalCompare(const Expr& expr);
  Result<Value> EvalLogic(const Expr& expr);
  Result<Value> EvalTernary(const Expr& expr);
  Result<Arguments> EvalArguments(const Expr& expr);
  // A block's filters over `text`.
  Result<Value> Filtered(const Expr* filter, Value text);

  // Statements (execute.cc).
  Result<Flow> Execute(const Body& body);
  Result<Flow> ExecuteOne(const Stmt& stmt);
  Result<Flow> ExecuteIf(const Stmt& stmt);
  Result<Flow> ExecuteFor(const Stmt& stmt);
  Result<Flow> RunLoop(const Stmt& stmt, const Value& iterable, int depth);
  Result<std::shared_ptr<const List>> Selected(const Stmt& stmt, std::shared_ptr<const List> items);
  Result<Flow> ExecuteWith(const Stmt& stmt);
  Result<void> ExecuteSet(const Stmt& stmt);
  Result<void> ExecuteCallBlock(const Stmt& stmt);
  Result<void> Output(const Value& value);
  // What `body` writes, in a scope of its own.
  Result<Text> Capture(const Body& body);
  Result<void> Assign(const Target& target, Value value);
  Result<void> Store(Symbol symbol, Value value);
  Result<Value> NewMacro(const Callable& callable);
  Result<Value> CallMacro(const Macro& macro, Arguments arguments);
  Result<Value> CallLoop(const LoopState& loop, const Arguments& arguments);
  Result<Value> LoopAttribute(const LoopState& loop, std::string_view name);
  uint64_t NextSerial() { return ++serials_; }
  bool Active(const Scope* scope, uint64_t serial) const;

  const Program& program_;
  Heap& heap_;
  std::chrono::system_clock::time_point now_;
  int line_ = 0;
  int depth_ = 0;
  uint64_t serials_ = 0;
  Scope root_;
  Scope* scope_ = &root_;
  std::vector<const Scope*> active_;
  TextBuilder* output_ = nullptr;
  Value pending_caller_;
  // Values refer to these by bare pointers, which keeps cycles from leaking; they live as long as
  // the render.
  std::vector<std::unique_ptr<Namespace>> namespaces_;
  std::vector<std::unique_ptr<Macro>> macros_;
  std::vector<std::unique_ptr<LoopState>> loops_;
};

}  // namespace ledge::jinja
