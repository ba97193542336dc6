// What the parser makes of a template and the interpreter walks over.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/template/value.h"

namespace ledge::jinja {

// A variable's name, as an index into Program::names.
using Symbol = uint32_t;

enum class Op : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kModulo,
  kPower,
  kConcatenate,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kNotIn,
};

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
  enum class Kind : uint8_t {
    kLiteral,    // literal
    kName,       // symbol
    kList,       // parts
    kTuple,      // parts
    kDict,       // parts: key, value, key, value, ...
    kAttribute,  // parts[0] . name
    kItem,       // parts[0] [ parts[1] ]
    kSlice,      // parts[0] [ parts[1] : parts[2] : parts[3] ], the last three may be null
    kCall,       // parts[0] ( parts[1...] ), the last keywords.size() of them by keyword
    kFilter,     // parts[0] | name ( parts[1...] ), likewise; parts[0] is null for a block's filter
    kTest,       // parts[0] is name ( parts[1...] ), likewise
    kNot,        // not parts[0]
    kNegate,     // - parts[0]
    kPositive,   // + parts[0]
    kChain,      // parts[0] ops[0] parts[1] ops[1] parts[2] ..., from left to right
    kCompare,    // the same, a < b < c
    kAnd,        // parts
    kOr,         // parts
    kTernary,    // parts[0] if parts[1] else parts[2], which may be null
  };
  Kind kind = Kind::kLiteral;
  int line = 0;
  int height = 1;
  Symbol symbol = 0;
  std::string name;
  Value literal;
  std::vector<ExprPtr> parts;
  std::vector<Op> ops;
  std::vector<std::string> keywords;
};

// Where an assignment goes: a name, an attribute of a namespace, or several of them.
struct Target {
  enum class Kind : uint8_t { kName, kAttribute, kTuple };
  Kind kind = Kind::kName;
  Symbol symbol = 0;
  std::string attribute;
  std::vector<Target> parts;
};

struct Stmt;
using Body = std::vector<std::unique_ptr<Stmt>>;

// The parameters and the body of a macro or a call block.
struct Callable {
  std::string name;
  std::vector<std::string> parameters;
  std::vector<Symbol> symbols;    // of the parameters
  std::vector<ExprPtr> defaults;  // of the last parameters
  Symbol varargs = 0, kwargs = 0, caller = 0;
  Body body;
};

struct Stmt {
  enum class Kind : uint8_t {
    kText,       // text
    kOutput,     // exprs[0]
    kIf,         // exprs[i]: conditions, bodies[i]; one body more is the else
    kFor,        // target in exprs[0] if exprs[1] (may be null): bodies[0], else bodies[1]
    kSet,        // target = exprs[0]
    kSetBlock,   // target = bodies[0] through the filter exprs[0] (may be null)
    kMacro,      // callable
    kCallBlock,  // exprs[0], a call, with callable as its caller()
    kFilter,     // bodies[0] through exprs[0]
    kWith,       // targets = exprs; bodies[0] in a scope of its own
    kDo,         // exprs[0], its value dropped
    kBreak,
    kContinue,
  };
  Kind kind = Kind::kText;
  int line = 0;
  bool recursive = false;  // kFor
  Text text;
  Symbol symbol = 0;  // kMacro
  Target target;
  std::vector<Target> targets;
  std::vector<ExprPtr> exprs;
  std::vector<Body> bodies;
  std::unique_ptr<Callable> callable;
};

// A parsed template. Immutable, so any number of threads may render it at once.
struct Program {
  std::vector<std::string> names;  // by Symbol
  Symbol loop = 0;                 // of the name "loop"
  Body body;
};

}  // namespace ledge::jinja
