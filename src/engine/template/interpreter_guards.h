// What Interpreter's methods put on and take off again, whichever way they return.
#pragma once

#include "engine/template/interpreter.h"

namespace ledge::jinja {

class Interpreter::Nested {
 public:
  explicit Nested(Interpreter& interpreter) : interpreter_(interpreter) { ++interpreter_.depth_; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;
  ~Nested() { --interpreter_.depth_; }

 private:
  Interpreter& interpreter_;
};

class Interpreter::ScopeGuard {
 public:
  // A new scope inside `parent`.
  ScopeGuard(Interpreter& interpreter, Scope* parent)
      : interpreter_(interpreter), outer_(interpreter.scope_) {
    scope_.parent = parent;
    scope_.serial = interpreter.NextSerial();
    interpreter_.scope_ = &scope_;
    interpreter_.active_.push_back(&scope_);
  }
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;
  ~ScopeGuard() {
    interpreter_.active_.pop_back();
    interpreter_.scope_ = outer_;
  }

 private:
  Interpreter& interpreter_;
  Scope* outer_;
  Scope scope_;
};

class Interpreter::OutputGuard {
 public:
  OutputGuard(Interpreter& interpreter, TextBuilder& builder)
      : interpreter_(interpreter), outer_(interpreter.output_) {
    interpreter_.output_ = &builder;
  }
  OutputGuard(const OutputGuard&) = delete;
  OutputGuard& operator=(const OutputGuard&) = delete;
  ~OutputGuard() { interpreter_.output_ = outer_; }

 private:
  Interpreter& interpreter_;
  TextBuilder* outer_;
};

}  // namespace ledge::jinja
