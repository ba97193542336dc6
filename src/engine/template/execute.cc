// Interpreter: statements.
#include <algorithm>

#include "engine/template/builtins.h"
#include "engine/template/interpreter_guards.h"
#include "engine/template/present.h"

namespace ledge::jinja {

Interpreter::Interpreter(const Program& program, Heap& heap,
                         std::chrono::system_clock::time_point now)
    : program_(program), heap_(heap), now_(now) {
  active_.push_back(&root_);
  for (const Function& function : Functions()) {
    const auto found = std::find(program_.names.begin(), program_.names.end(), function.name);
    if (found == program_.names.end()) continue;
    root_.variables.emplace_back(static_cast<Symbol>(found - program_.names.begin()),
                                 Value(&function));
  }
}

bool Interpreter::Mentions(std::string_view name) const {
  return std::find(program_.names.begin(), program_.names.end(), name) != program_.names.end();
}

Result<void> Interpreter::Define(std::string_view name, Value value) {
  const auto found = std::find(program_.names.begin(), program_.names.end(), name);
  if (found == program_.names.end()) return {};
  return Store(static_cast<Symbol>(found - program_.names.begin()), std::move(value));
}

Result<Text> Interpreter::Run() {
  TextBuilder out(heap_);
  const OutputGuard output(*this, out);
  LEDGE_TRY(const auto flow, Execute(program_.body));
  static_cast<void>(flow);
  return out.Finish();
}

Result<Namespace*> Interpreter::NewNamespace() {
  LEDGE_CHECK_OK(heap_.Charge(sizeof(Namespace) + 2 * sizeof(void*)));
  namespaces_.push_back(std::make_unique<Namespace>());
  return namespaces_.back().get();
}

Result<void> Interpreter::SetAttribute(Namespace& ns, std::string_view name, Value value) {
  LEDGE_CHECK_OK(heap_.Step(1 + ns.attributes.size() / 16));
  if (Value* present = const_cast<Value*>(ns.Find(name))) {
    *present = std::move(value);
    return {};
  }
  LEDGE_CHECK_OK(heap_.Charge(2 * sizeof(ns.attributes[0]) + name.size()));
  ns.attributes.emplace_back(std::string(name), std::move(value));
  return {};
}

Result<void> Interpreter::Store(Symbol symbol, Value value) {
  auto& variables = scope_->variables;
  if (variables.size() > 64) LEDGE_CHECK_OK(heap_.Step(variables.size() / 64));
  for (auto& [name, present] : variables) {
    if (name != symbol) continue;
    present = std::move(value);
    return {};
  }
  variables.emplace_back(symbol, std::move(value));
  return {};
}

Result<void> Interpreter::Assign(const Target& target, Value value) {
  if (target.kind == Target::Kind::kName) return Store(target.symbol, std::move(value));
  if (target.kind == Target::Kind::kAttribute) {
    for (const Scope* scope = scope_; scope; scope = scope->parent) {
      for (const auto& [symbol, holder] : scope->variables) {
        if (symbol != target.symbol) continue;
        const auto* ns = holder.As<Namespace*>();
        if (!ns)
          return MakeError(Code::kMalformed, "an attribute set on '{}', which is no namespace",
                           program_.names[symbol]);
        return SetAttribute(**ns, target.attribute, std::move(value));
      }
    }
    return MakeError(Code::kMalformed, "an attribute set on '{}', which is undefined",
                     program_.names[target.symbol]);
  }
  LEDGE_TRY(const auto items, Sequence(value));
  if (items->items.size() != target.parts.size()) {
    return MakeError(Code::kMalformed, "{} values for {} names", items->items.size(),
                     target.parts.size());
  }
  for (size_t i = 0; i < target.parts.size(); ++i)
    LEDGE_CHECK_OK(Assign(target.parts[i], items->items[i]));
  return {};
}

Result<void> Interpreter::Output(const Value& value) { return AppendStr(*output_, value); }

Result<Text> Interpreter::Capture(const Body& body) {
  const ScopeGuard scope(*this, scope_);
  TextBuilder out(heap_);
  const OutputGuard output(*this, out);
  // A break inside would have to end a loop outside; Jinja refuses to compile that, we ignore it.
  LEDGE_TRY(const auto flow, Execute(body));
  static_cast<void>(flow);
  return out.Finish();
}

Result<Interpreter::Flow> Interpreter::Execute(const Body& body) {
  const Nested nested(*this);
  LEDGE_CHECK_OK(CheckDepth());
  for (const auto& stmt : body) {
    LEDGE_TRY(const auto flow, ExecuteOne(*stmt));
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::ExecuteOne(const Stmt& stmt) {
  LEDGE_CHECK_OK(heap_.Step());
  line_ = stmt.line;
  switch (stmt.kind) {
    case Stmt::Kind::kText:
      LEDGE_CHECK_OK(output_->Append(stmt.text));
      return Flow::kNext;
    case Stmt::Kind::kOutput: {
      LEDGE_TRY(const auto value, Eval(*stmt.exprs[0]));
      LEDGE_CHECK_OK(Output(value));
      return Flow::kNext;
    }
    case Stmt::Kind::kDo: {
      LEDGE_TRY(const auto value, Eval(*stmt.exprs[0]));
      static_cast<void>(value);
      return Flow::kNext;
    }
    case Stmt::Kind::kIf:
      return ExecuteIf(stmt);
    case Stmt::Kind::kFor:
      return ExecuteFor(stmt);
    case Stmt::Kind::kSet:
    case Stmt::Kind::kSetBlock:
    case Stmt::Kind::kFilter:
      LEDGE_CHECK_OK(ExecuteSet(stmt));
      return Flow::kNext;
    case Stmt::Kind::kMacro: {
      LEDGE_TRY(auto macro, NewMacro(*stmt.callable));
      LEDGE_CHECK_OK(Store(stmt.symbol, std::move(macro)));
      return Flow::kNext;
    }
    case Stmt::Kind::kCallBlock:
      LEDGE_CHECK_OK(ExecuteCallBlock(stmt));
      return Flow::kNext;
    case Stmt::Kind::kWith:
      return ExecuteWith(stmt);
    case Stmt::Kind::kBreak:
      return Flow::kBreak;
    case Stmt::Kind::kContinue:
      return Flow::kContinue;
  }
  return MakeError(Code::kInternal, "a statement of unknown kind");
}

Result<Interpreter::Flow> Interpreter::ExecuteIf(const Stmt& stmt) {
  for (size_t i = 0; i < stmt.exprs.size(); ++i) {
    LEDGE_TRY(const auto condition, Eval(*stmt.exprs[i]));
    if (Truthy(condition)) return Execute(stmt.bodies[i]);
  }
  if (stmt.bodies.size() > stmt.exprs.size()) return Execute(stmt.bodies.back());
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::ExecuteFor(const Stmt& stmt) {
  LEDGE_TRY(const auto iterable, Eval(*stmt.exprs[0]));
  line_ = stmt.line;
  return RunLoop(stmt, iterable, 0);
}

Result<std::shared_ptr<const List>> Interpreter::Selected(const Stmt& stmt,
                                                          std::shared_ptr<const List> items) {
  if (!stmt.exprs[1]) return items;
  std::vector<Value> kept;
  for (const Value& item : items->items) {
    LEDGE_CHECK_OK(heap_.Step());
    const ScopeGuard guard(*this, scope_);
    LEDGE_CHECK_OK(Assign(stmt.target, item));
    LEDGE_TRY(const auto condition, Eval(*stmt.exprs[1]));
    if (Truthy(condition)) kept.push_back(item);
  }
  LEDGE_TRY(const auto list, MakeList(heap_, std::move(kept)));
  return *list.As<std::shared_ptr<const List>>();
}

Result<Interpreter::Flow> Interpreter::RunLoop(const Stmt& stmt, const Value& iterable, int depth) {
  LEDGE_TRY(auto all, Sequence(iterable));
  LEDGE_TRY(auto items, Selected(stmt, std::move(all)));
  if (items->items.empty()) {
    const ScopeGuard guard(*this, scope_);
    return Execute(stmt.bodies[1]);
  }
  LEDGE_CHECK_OK(heap_.Charge(sizeof(LoopState) + 2 * sizeof(void*)));
  loops_.push_back(std::make_unique<LoopState>());
  LoopState& loop = *loops_.back();
  loop.items = items;
  loop.depth = depth;
  loop.recursive = stmt.recursive ? &stmt : nullptr;
  loop.outer = scope_;
  Flow last = Flow::kNext;
  for (size_t i = 0; i < items->items.size() && last != Flow::kBreak; ++i) {
    LEDGE_CHECK_OK(heap_.Step());
    loop.index = i;
    const ScopeGuard guard(*this, loop.outer);
    LEDGE_CHECK_OK(Store(program_.loop, Value(static_cast<const LoopState*>(&loop))));
    LEDGE_CHECK_OK(Assign(stmt.target, items->items[i]));
    LEDGE_TRY(last, Execute(stmt.bodies[0]));
  }
  loop.items.reset();
  loop.last.reset();
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::ExecuteWith(const Stmt& stmt) {
  std::vector<Value> values;
  for (const auto& expr : stmt.exprs) {
    LEDGE_TRY(auto value, Eval(*expr));
    values.push_back(std::move(value));
  }
  const ScopeGuard guard(*this, scope_);
  for (size_t i = 0; i < values.size(); ++i)
    LEDGE_CHECK_OK(Assign(stmt.targets[i], std::move(values[i])));
  return Execute(stmt.bodies[0]);
}

// The three that end in one value: set, set as a block, filter.
Result<void> Interpreter::ExecuteSet(const Stmt& stmt) {
  if (stmt.kind == Stmt::Kind::kSet) {
    LEDGE_TRY(auto value, Eval(*stmt.exprs[0]));
    line_ = stmt.line;
    return Assign(stmt.target, std::move(value));
  }
  LEDGE_TRY(auto text, Capture(stmt.bodies[0]));
  LEDGE_TRY(auto value, Filtered(stmt.exprs[0].get(), Value(std::move(text))));
  if (stmt.kind == Stmt::Kind::kFilter) return Output(value);
  return Assign(stmt.target, std::move(value));
}

Result<void> Interpreter::ExecuteCallBlock(const Stmt& stmt) {
  const Expr& call = *stmt.exprs[0];
  LEDGE_TRY(const auto callee, Eval(*call.parts[0]));
  LEDGE_TRY(auto arguments, EvalArguments(call));
  LEDGE_TRY(auto caller, NewMacro(*stmt.callable));
  pending_caller_ = std::move(caller);
  auto result = Call(callee, std::move(arguments));
  pending_caller_ = Value();
  LEDGE_TRY(const auto value, std::move(result));
  return Output(value);
}

Result<Value> Interpreter::LoopAttribute(const LoopState& loop, std::string_view name) {
  if (!loop.items)
    return MakeError(Code::kMalformed, "'loop.{}' after the loop has ended", name.substr(0, 40));
  const auto index = static_cast<int64_t>(loop.index);
  const auto length = static_cast<int64_t>(loop.items->items.size());
  if (name == "index") return Value(index + 1);
  if (name == "index0") return Value(index);
  if (name == "revindex") return Value(length - index);
  if (name == "revindex0") return Value(length - index - 1);
  if (name == "first") return Value(index == 0);
  if (name == "last") return Value(index + 1 == length);
  if (name == "length") return Value(length);
  if (name == "depth") return Value(int64_t{loop.depth} + 1);
  if (name == "depth0") return Value(int64_t{loop.depth});
  if (name == "previtem")
    return index == 0 ? Value(Undefined{}) : loop.items->items[loop.index - 1];
  if (name == "nextitem")
    return index + 1 == length ? Value(Undefined{}) : loop.items->items[loop.index + 1];
  if (const std::string_view* method = FindMethod(Value(&loop), name)) {
    return MakeMethod(heap_, Value(&loop), *method);
  }
  return Value(Undefined{});
}

}  // namespace ledge::jinja
