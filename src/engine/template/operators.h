// Python's binary operators.
#pragma once

#include "engine/template/ast.h"

namespace ledge::jinja {

class Interpreter;

// kMalformed for types that Python would refuse and for numbers beyond 64 bits.
Result<Value> Arithmetic(Interpreter& in, Op op, const Value& left, const Value& right);
Result<bool> CompareWith(Interpreter& in, Op op, const Value& left, const Value& right);
// `item in container`.
Result<bool> Contains(Interpreter& in, const Value& container, const Value& item);
Result<Value> Negated(const Value& value);
// "%s: %d" % arguments, also the filter `format`. Knows %s %r %d %i %f %x %X %c %% with width and
// precision.
Result<Value> PercentFormat(Interpreter& in, const Text& format,
                            const std::vector<Value>& arguments);

}  // namespace ledge::jinja
