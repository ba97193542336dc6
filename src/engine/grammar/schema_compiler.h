// The work of schema.h.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/grammar/json_text.h"
#include "engine/grammar/number_range.h"
#include "engine/grammar/schema_json.h"

namespace ledge::grammar {

class SchemaCompiler {
 public:
  explicit SchemaCompiler(SchemaRoot root) : json_(syntax_), root_(std::move(root)) {}
  Result<Syntax> Run();

 private:
  struct Property {
    std::string name;
    NodeId member = 0;  // name, colon and value
    bool required = false;
  };

  // schema.cc
  Result<NodeId> Value(const Json& schema, const std::string& where, int depth);
  Result<NodeId> Reference(const Json& schema, const std::string& where, int depth);
  Result<NodeId> Branches(const Json& schema, const char* keyword, const std::string& where,
                          int depth);
  Result<NodeId> AllOf(const Json& schema, const std::string& where, int depth);
  Result<NodeId> Literals(const Json& schema, const std::string& where);
  Result<NodeId> OfType(const Json& schema, const std::string& type, const std::string& where,
                        int depth);

  // schema_object.cc
  Result<NodeId> Object(const Json& schema, const std::string& where, int depth);
  Result<std::vector<Property>> Properties(const Json& schema, const std::string& where, int depth);
  Result<void> CheckCounts(const Json& schema, size_t properties, size_t required, bool closed,
                           const std::string& where);
  NodeId Members(const std::vector<Property>& properties, std::optional<NodeId> other);
  NodeId KeyOtherThan(const std::vector<Property>& properties);
  NodeId KeyFrom(const std::vector<std::u32string>& names, size_t begin, size_t end, size_t at);
  Result<NodeId> Array(const Json& schema, const std::string& where, int depth);

  // schema_scalar.cc
  Result<NodeId> String(const Json& schema, const std::string& where);
  Result<NodeId> Whole(const Json& schema, const std::string& where);
  Result<NodeId> Number(const Json& schema, const std::string& where);
  Result<std::optional<Bound>> BoundOf(const Json& schema, const char* inclusive,
                                       const char* exclusive, bool lower, const std::string& where);
  // A keyword that is a number of things, within [0, most].
  static Result<std::optional<uint32_t>> Count(const Json& schema, const char* keyword,
                                               const std::string& where);
  // Both, the first not above the second.
  struct Counts {
    uint32_t least = 0;
    uint32_t most = kUnbounded;
  };
  static Result<Counts> CountsOf(const Json& schema, const char* least, const char* most,
                                 const std::string& where);

  Syntax syntax_;
  JsonText json_;
  SchemaRoot root_;
  std::map<std::string, RuleId> rules_;  // by what leads to them
  std::deque<std::string> open_;         // of them: not compiled yet
};

}  // namespace ledge::grammar
